#include <tryst/testing/quiescence.hpp>

#include <tryst/testing/explore.hpp>
#include <utility>

namespace tryst::testing {

quiescence::~quiescence() {
  for (const named_module& m : modules_) m.which->close();
  loop_.finish();
}

void quiescence::name(module& m, std::string name) { modules_.push_back({&m, std::move(name)}); }

void quiescence::check() const {
  std::string waiting;
  for (const std::string& process : loop_.unfinished()) {
    waiting += (waiting.empty() ? "" : ", ") + process;
  }
  require(waiting.empty(), "nothing moves any more, and these have not ended: " + waiting);
}

}  // namespace tryst::testing
