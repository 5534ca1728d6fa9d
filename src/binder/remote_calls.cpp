#include "binder/remote_calls.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <tryst/rpc/client.hpp>
#include <tryst/rpc/outstanding_call.hpp>

namespace tryst::binder {
namespace {

// The binder itself, ypserv and mountd: what they tell this host is not for others.
constexpr std::array<std::uint32_t, 3> never{binder_program, 100004, 100005};

// One call with arguments and results that nobody here understands. It owns itself.
class untyped_call final : public rpc::outstanding_call {
public:
  untyped_call(loop& home, remote_calls::request what, rpc::call_options how,
               std::move_only_function<void(remote_calls::outcome)> done)
      : outstanding_call{what.interface, what.procedure, std::move(how), false},
        home_{home},
        what_{std::move(what)},
        done_{std::move(done)} {}
  ~untyped_call() = default;

  void begin() {
    try {
      client_.emplace(home_, what_.to.text());
    } catch (const std::system_error& e) {
      why_ = rpc::failure{e.code()};
      return deliver();
    }
    submit(client_->path());
  }

private:
  void encode_arguments(xdr::writer& w) override { w.put_opaque(what_.arguments); }

  void settle(const rpc::call_outcome& outcome) noexcept override {
    if (outcome.why) {
      why_ = *outcome.why;
    } else {
      result_.assign(outcome.result.begin(), outcome.result.end());
    }
  }

  rpc::failure why() const noexcept override { return why_; }

  void deliver() noexcept override {
    if (why_) {
      done_(std::unexpected{why_});
    } else {
      done_(remote_calls::answer{std::move(what_.universal), std::move(result_)});
    }
    // The client is among those who call this function: it goes when they have returned.
    home_.post([self = std::unique_ptr<untyped_call>{this}] {});
  }

  loop& home_;
  std::optional<rpc::client> client_;
  remote_calls::request what_;
  std::move_only_function<void(remote_calls::outcome)> done_;
  rpc::failure why_;
  std::vector<std::byte> result_;
};

}  // namespace

bool remote_calls::allows(rpc::interface_id interface, std::uint32_t procedure) const noexcept {
  if (options_.home == nullptr || std::ranges::find(never, interface.program) != never.end()) {
    return false;
  }
  return std::ranges::any_of(options_.allowed, [&](const allowed_remote_call& a) {
    return a.program == interface.program &&
           a.version.value_or(interface.version) == interface.version &&
           a.procedure.value_or(procedure) == procedure;
  });
}

void remote_calls::make(request what, ended done) {
  const key which{what.from, what.xid};
  {
    const std::lock_guard lock{mutex_};
    if (under_way_.size() >= options_.at_a_time || !under_way_.insert(which).second) {
      return done(std::unexpected{rpc::failure{errc::too_many_calls}});
    }
  }
  options_.home->post([this, which, what = std::move(what), done = std::move(done)]() mutable {
    loop& home = *options_.home;
    const rpc::call_options how{.deadline = options_.deadline,
                                .repeat = rpc::retransmission::never};
    auto finish = [this, which, done = std::move(done)](outcome result) mutable {
      over(which);
      done(std::move(result));
    };
    auto call = std::make_unique<untyped_call>(home, std::move(what), how, std::move(finish));
    call.release()->begin();
  });
}

void remote_calls::over(const key& which) {
  const std::lock_guard lock{mutex_};
  under_way_.erase(which);
}

}  // namespace tryst::binder
