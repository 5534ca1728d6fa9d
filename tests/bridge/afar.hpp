// The gate as a program elsewhere sees it.
#pragma once

#include <tryst/bridge/remote_operation.hpp>

#include "bridge/gate_module.hpp"

namespace tryst::bridge_test {

struct far_gate : remote_module<GATE_V1> {
  using remote_module::remote_module;
  remote_op<GATE_V1::PASS> pass{this};
  remote_op<GATE_V1::OPEN> open{this};
  remote_op<GATE_V1::HOLD> hold{this};
  remote_op<GATE_V1::RISK> risk{this};
};

struct afar : running_gate {
  loop_thread far;
  rpc::client client{far, listen().text()};
  far_gate there{client};

  /// Answers that came when nobody waited for them any more.
  std::uint64_t late_replies() {
    std::uint64_t n = 0;
    run_on(far, [&] { n = client.late_replies(); });
    return n;
  }
};

}  // namespace tryst::bridge_test
