// A module on the stage, and how others see it from afar.
#pragma once

#include <tryst/bridge/publish.hpp>

#include "problems/stage.hpp"

namespace tryst::problems {

/// Near is the module, Far the remote_module that has its operations for players elsewhere. In the
/// problem's body it stands behind what the module's processes refer to.
template <class Near, class Far>
class staged final : on_stage {
public:
  template <class... A>
  explicit staged(stage& on, A&&... arguments) : on_{on}, near_(std::forward<A>(arguments)...) {
    on_.enter(*this);
    if (auto* const oracle = on_.oracle()) oracle->name(near_, std::string{interface::name});
  }
  ~staged() { on_.end(); }

  Near* operator->() noexcept { return &near_; }
  Near& operator*() noexcept { return near_; }

  /// Names the operations that players use, in the order of the .x; before the first player that
  /// uses them.
  template <class... Operations>
  void publish(Operations... operations) {
    count_pending_ = [this, operations...] { return ((near_.*operations).pending() + ... + 0); };
    name_in_reports(typename interface::procedures{}, operations...);
    if (!on_.remote()) return;
    served_ = on_.serve([&](rpc::server& by) {
      publish_options how;
      how.max_wait = std::chrono::milliseconds{0};
      return tryst::publish<interface>(by, near_, how, operations...);
    });
  }

  /// A process of the module.
  void start(task<> process) {
    near_.start(on_.home("a process of " + std::string{interface::name}),
                on_.watched(std::move(process)));
  }
  /// Its procs: among threads they have no loop.
  void start() {
    if (on_.where() == setting::threads) return near_.start();
    near_.start(on_.home());
  }

  /// For the stage: the module as a player in another program sees it.
  std::shared_ptr<Far> seen_by_a_player() { return std::make_shared<Far>(on_.client_to(served_)); }

private:
  template <class Interface, class Caller>
  static Interface interface_of(const remote_module<Interface, Caller>&);
  using interface = decltype(interface_of(std::declval<Far&>()));

  template <class... Procedures, class... Operations>
  void name_in_reports(rpc::procedure_list<Procedures...>, Operations... operations) {
    auto* const oracle = on_.oracle();
    if (oracle == nullptr) return;
    (oracle->name(near_.*operations, std::string{Procedures::name}), ...);
  }

  void close() noexcept override { near_.close(); }
  void join() override { near_.join(); }
  std::size_t pending() const override { return count_pending_ ? count_pending_() : 0; }

  stage& on_;
  Near near_;
  std::function<std::size_t()> count_pending_;
  std::size_t served_ = 0;
};

}  // namespace tryst::problems
