#include <tryst/rpc/observer.hpp>

#include <string>
#include <tryst/rpc/trace.hpp>
#include <vector>

namespace tryst::rpc {
namespace {

// Watches one incoming call. Owns itself until the call is answered.
class watched_answer final : public answer_listener {
public:
  watched_answer(incoming_call& call, call_observer& by)
      : by_{by},
        home_{call.home()},
        began_{home_.clock_now()},
        arguments_{call.arguments().begin(), call.arguments().end()},
        before_{call.listen(*this)} {}

  void answered(const call_info& call, const failure& why,
                std::span<const std::byte> result) noexcept override {
    const std::unique_ptr<watched_answer> self{this};
    by_.ended({.interface = call.interface,
               .procedure = call.procedure,
               .xid = call.xid,
               .taken = home_.clock_now() - began_,
               .why = why,
               .arguments = arguments_,
               .result = result});
    if (before_ != nullptr) before_->answered(call, why, result);
  }

private:
  call_observer& by_;
  loop& home_;
  loop::time_point began_;
  std::vector<std::byte> arguments_;
  answer_listener* before_;  // an observer further out
};

class observed_service final : public service {
public:
  observed_service(std::shared_ptr<service> watched, call_observer& by)
      : watched_{std::move(watched)}, by_{by} {}

  interface_id id() const noexcept override { return watched_->id(); }
  std::string_view name() const noexcept override { return watched_->name(); }
  const auth_policy& auth() const noexcept override { return watched_->auth(); }
  recall recall_of(std::uint32_t procedure, bool datagram) const noexcept override {
    return watched_->recall_of(procedure, datagram);
  }

  void serve(incoming_call& call) override {
    // Every call is answered once, be it by its destructor: the listener then ends itself.
    [[maybe_unused]] auto* const watching = std::make_unique<watched_answer>(call, by_).release();
    watched_->serve(call);
  }

private:
  std::shared_ptr<service> watched_;
  call_observer& by_;
};

}  // namespace

std::shared_ptr<service> observe(std::shared_ptr<service> watched, call_observer& by) {
  return std::make_shared<observed_service>(std::move(watched), by);
}

void observed_path::start(outstanding_call& call) noexcept {
  call.watched_by(by_, home().clock_now());
  watched_.start(call);
}

void observed_path::end(outstanding_call& call, errc unsent, errc sent) noexcept {
  watched_.end(call, unsent, sent);
}

namespace detail {

std::string trace_line(std::string_view interface, std::string_view procedure,
                       std::string_view arguments, std::string_view result,
                       const observed_call& call) {
  std::string line{interface};
  line.append(".").append(procedure).append("(").append(arguments).append(")");
  if (call.why) {
    line.append(" failed: ").append(call.why.text());
  } else {
    line.append(" = ").append(result);
  }
  const auto microseconds = std::chrono::duration_cast<std::chrono::microseconds>(call.taken);
  line.append("  [xid ").append(std::to_string(call.xid)).append(", ");
  line.append(std::to_string(microseconds.count())).append(" us]");
  return line;
}

}  // namespace detail

}  // namespace tryst::rpc
