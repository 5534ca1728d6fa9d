// A module on the stage whose operations players have as capabilities, so that it needs no .x.
#pragma once

#include <string>
#include <tryst/rendezvous/cap.hpp>
#include <utility>
#include <vector>

#include "problems/stage.hpp"

namespace tryst::problems {

/// As staged. The name is for reports.
template <class Near>
class lent final : on_stage {
public:
  template <class... A>
  explicit lent(stage& on, std::string name, A&&... arguments)
      : on_{on}, name_{std::move(name)}, near_(std::forward<A>(arguments)...) {
    on_.enter(*this);
    if (auto* const oracle = on_.oracle()) oracle->name(near_, name_);
  }
  ~lent() { on_.end(); }

  Near* operator->() noexcept { return &near_; }
  Near& operator*() noexcept { return near_; }

  /// An operation as players see it.
  template <class Signature>
  cap<Signature> lend(op<Signature> Near::* operation) {
    op<Signature>& of = near_.*operation;
    lent_.emplace_back([&of] { return of.pending(); });
    return on_.show(of);
  }

  /// A process of the module, and its procs.
  void start(task<> process) {
    near_.start(on_.home("a process of the " + name_), on_.watched(std::move(process)));
  }
  void start() {
    if (on_.where() == setting::threads) return near_.start();
    near_.start(on_.home());
  }

private:
  void close() noexcept override { near_.close(); }
  void join() override { near_.join(); }
  std::size_t pending() const override {
    std::size_t all = 0;
    for (const auto& each : lent_) all += each();
    return all;
  }

  stage& on_;
  std::string name_;
  Near near_;
  std::vector<std::function<std::size_t()>> lent_;
};

}  // namespace tryst::problems
