#include <tryst/rendezvous/typed_proc.hpp>

namespace tryst::detail {

errc proc_process::launch() noexcept {
  wait_on(place());
  switch (of_.enter(*this, how_.only_now)) {
    case bound_proc::admission::now:
      go_to_place();
      return errc{};
    case bound_proc::admission::later:
      return errc{};
    case bound_proc::admission::refused:
      break;
  }
  const errc why = refusal();
  dismiss();
  return why;
}

void proc_process::woken() noexcept {
  if (at_place_) return begin();
  if (refusal() != errc{}) return turn_away(refusal());
  // It came here by its loop, unless the module was not started when it was queued.
  if (home() != nullptr && home() == place() && !of_.blocking()) return begin();
  go_to_place();
}

void proc_process::go_to_place() noexcept {
  at_place_ = true;
  wait_on(place());
  if (of_.blocking() || (home() == nullptr && how_.apart)) {
    wait_on(nullptr);
    try {
      of_.gate().run_on_thread(thread_);
    } catch (...) {
      fail(std::current_exception());
    }
    return;
  }
  if (home() == nullptr) return begin();
  wake();
}

loop* proc_process::place() const noexcept {
  loop* const modules = of_.gate().home();
  return modules != nullptr ? modules : how_.callers;
}

void proc_process::abandoned() noexcept {
  if (refusal() != errc{}) return turn_away(refusal());
  fail(std::make_exception_ptr(call_error{make_error_code(errc::op_closed)}));
}

}  // namespace tryst::detail
