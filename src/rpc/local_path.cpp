#include <tryst/rpc/local_path.hpp>

#include <utility>

namespace tryst::rpc {

void local_path::start(outstanding_call& call) noexcept {
  call.stage_ = outstanding_call::stage::queued;
  call.arm_deadline();
  if (const errc why = serve(call); why != errc{}) call.fail_soon(why);
}

void local_path::end(outstanding_call& call, errc, errc sent) noexcept {
  if (call.stage_ != outstanding_call::stage::queued) return;
  if (local_service_of_call* const by = std::exchange(call.served_by_, nullptr)) by->caller_gone();
  call.finish({.why = sent});
}

}  // namespace tryst::rpc
