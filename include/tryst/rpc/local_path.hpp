// Calls that never leave the process: the path that local_caller sends them on.
#pragma once

#include <tryst/rpc/outstanding_call.hpp>

namespace tryst::rpc {

class local_path : public call_path {
public:
  void start(outstanding_call& call) noexcept final;
  void end(outstanding_call& call, errc unsent, errc sent) noexcept final;

protected:
  explicit local_path(loop& home) : call_path{home} {}
  ~local_path() = default;

  /// Begins to serve a call, having said serving(); or why it cannot be served. The call may have
  /// its outcome soon, but never inside this function.
  virtual errc serve(outstanding_call& call) = 0;
  /// `by` serves the call, and is to be told if it ends before it has its outcome.
  static void serving(outstanding_call& call, local_service_of_call& by) noexcept {
    call.served_by_ = &by;
  }
};

}  // namespace tryst::rpc
