// The oracle of deadlocks: when a seeded_loop has nothing left to do and processes have not ended,
// they wait for something that will not come.
//
//   buffer b;
//   testing::quiescence end{l};     // after the modules: it closes them before they go
//   end.name(b, "buffer");
//   b.start(l, b.server());
//   l.begin("producer", ...);
//   l.run();
//   end.check();
#pragma once

#include <string>
#include <tryst/rendezvous/module.hpp>
#include <tryst/testing/seeded_loop.hpp>
#include <vector>

namespace tryst::testing {

/// For the thread of its loop. Destroyed, it closes the modules and plays on until everybody has
/// left them, also after a failure; so it is declared after them.
class quiescence {
public:
  explicit quiescence(seeded_loop& of) noexcept : loop_{of} {}
  quiescence(const quiescence&) = delete;
  quiescence& operator=(const quiescence&) = delete;
  ~quiescence();

  /// A module that the run uses, under the name that reports give it.
  void name(module& m, std::string name);

  /// Throws check_failed unless all processes that the loop began under a name have ended. Those of
  /// the modules may wait for ever.
  void check() const;

private:
  struct named_module {
    module* which;
    std::string name;
  };

  seeded_loop& loop_;
  std::vector<named_module> modules_;
};

}  // namespace tryst::testing
