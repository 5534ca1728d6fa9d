// Calls a service of this very process: the client's twin without a wire. Arguments and results
// are moved, nothing is encoded; bounds of the .x are still checked, policies still hold, and
// errors are the same.
//
//   auto service = make_service<calc::CALC_V1>(calculator{});
//   local_caller caller{loop, service};
//   calc::CALC_V1::stub stub{caller};
//
// Path: generated stub → typed_caller.hpp → here → runner.hpp (policy) → handler
#pragma once

#include <exception>
#include <memory>
#include <tryst/rpc/handler.hpp>
#include <tryst/rpc/local_path.hpp>
#include <tryst/rpc/runner.hpp>
#include <tryst/rpc/typed_caller.hpp>
#include <tryst/rpc/typed_service.hpp>
#include <tryst/xdr/conforms.hpp>
#include <utility>

namespace tryst::rpc {

namespace detail {

/// The failure that an exception from a handler is at its caller.
failure failure_for(std::exception_ptr thrown, const service_options& options,
                    const call_info& info);

template <class P, class Value>
bool result_conforms(const Value& value) {
  return xdr::conforms<typename P::result_description>(value);
}

template <class Descriptions, class Tuple>
bool arguments_conform(const Tuple& arguments) {
  bool all = true;
  for_each_argument<Descriptions>(arguments, [&all]<class Description>(const auto& value) {
    all = all && xdr::conforms<Description>(value);
  });
  return all;
}

/// One local call of P being served. Owns itself; lives from start() until its home loop has
/// handed over the outcome.
template <class P, class Service>
class local_work final : public work, private local_service_of_call {
public:
  using target = typename Service::target;
  using result = typename P::result;

  local_work(loop& home, typed_call<P>& call, std::shared_ptr<Service> to, const call_info& info)
      : work{home},
        call_{&call},
        to_{std::move(to)},
        info_{info},
        arguments_{call.take_arguments()} {}
  ~local_work() = default;

  local_service_of_call& link() noexcept { return *this; }

  void start(turn t) noexcept override {
    turn_ = std::move(t);
    try {
      std::apply([this](auto&... values) { this->handle(std::move(values)...); }, arguments_);
    } catch (...) {
      end(std::unexpected{failure_for(std::current_exception(), to_->options(), info_)});
    }
  }

private:
  using handler = handler_of<P, target>;
  using outcome = std::expected<result, failure>;

  struct done_job final : job {
    local_work& owner;
    explicit done_job(local_work& w) : owner{w} {}
    void run() noexcept override { owner.hand_over(); }
    void abandoned() noexcept override { delete &owner; }
  };

  template <class... A>
  void handle(A&&... arguments) {
    if constexpr (!handler::exists) {
      end(outcome{});  // procedure 0
    } else if constexpr (handler::later) {
      handler::invoke_later(to_->implementation(),
                            rpc::reply<result>{std::make_unique<local_sink>(*this)}, info_,
                            std::move(arguments)...);
    } else if constexpr (task_value<decltype(handler::invoke(to_->implementation(), info_,
                                                             std::move(arguments)...))>::is_task) {
      spawn_here(home(), drive(std::move(arguments)...), nullptr);
    } else if constexpr (std::is_void_v<result>) {
      handler::invoke(to_->implementation(), info_, std::move(arguments)...);
      end(outcome{});
    } else {
      end(checked(handler::invoke(to_->implementation(), info_, std::move(arguments)...)));
    }
  }

  template <class... A>
  task<void> drive(A... arguments) {
    outcome ended = std::unexpected{failure{}};
    try {
      if constexpr (std::is_void_v<result>) {
        co_await handler::invoke(to_->implementation(), info_, std::move(arguments)...);
        ended = outcome{};
      } else {
        ended = checked(
            co_await handler::invoke(to_->implementation(), info_, std::move(arguments)...));
      }
    } catch (...) {
      ended = std::unexpected{failure_for(std::current_exception(), to_->options(), info_)};
    }
    end(std::move(ended));
  }

  class local_sink final : public result_sink<result> {
  public:
    explicit local_sink(local_work& w) : work_{w} {}
    void refuse(const refusal& why) override { work_.end(std::unexpected{failure{why}}); }
    void drop() override { work_.end(std::unexpected{failure{errc::timed_out}}); }
    void result(value_of<typename P::result> value) override {
      if constexpr (std::is_void_v<typename P::result>) {
        work_.end(outcome{});
      } else {
        work_.end(checked(std::move(value)));
      }
    }

  private:
    local_work& work_;
  };

  template <class Value>
  static outcome checked(Value value) {
    if (!result_conforms<P>(value)) return std::unexpected{failure{errc::system_err}};
    return value;
  }

  // The handler is over, on whatever thread.
  void end(outcome ended) {
    outcome_ = std::move(ended);
    turn_ = turn{};
    if (home().running_here()) return home().schedule(done_);
    home().post(done_);
  }

  void hand_over() noexcept {
    const std::unique_ptr<local_work> self{this};
    if (call_ != nullptr) call_->settle_with(std::move(outcome_));
  }

  void caller_gone() noexcept override { call_ = nullptr; }

  typed_call<P>* call_;  // null when it has ended without us; the home loop's
  std::shared_ptr<Service> to_;
  call_info info_;
  typename P::arguments arguments_;
  outcome outcome_ = std::unexpected{failure{errc::system_err}};
  rpc::turn turn_;
  done_job done_{*this};
};

}  // namespace detail

/// Calls of this process to one service. Handlers run as the service's policy says; what is inline
/// runs on `home`, whichever thread calls.
template <class Interface, class Implementation>
class local_caller : public typed_caller<local_caller<Interface, Implementation>>,
                     private local_path {
public:
  using service_type = typed_service<Interface, Implementation>;

  /// `who` is what handlers see as the caller's identity. The loop must outlive the caller, and the
  /// caller its calls.
  local_caller(loop& home, std::shared_ptr<service_type> to, const auth::identity& who = {})
      : local_path{home}, to_{std::move(to)}, who_{who} {}

  /// For typed_caller.
  call_path& path() noexcept { return *this; }
  void complete(call_options& options) const {
    if (!options.deadline) options.deadline = default_deadline;
  }

private:
  errc serve(outstanding_call& call) override {
    return serve_one_of(call, typename Interface::procedures{});
  }

  template <class... P>
  errc serve_one_of(outstanding_call& call, procedure_list<P...>) {
    errc why = errc::proc_unavail;
    [[maybe_unused]] const bool served =
        ((P::number == call.procedure() && (why = serve_typed<P>(call), true)) || ...);
    return why;
  }

  template <class P>
  errc serve_typed(outstanding_call& untyped) {
    auto& call = static_cast<detail::typed_call<P>&>(untyped);
    if (!detail::arguments_conform<typename P::argument_descriptions>(call.arguments())) {
      return errc::arguments_invalid;
    }
    const call_info info{
        .interface = Interface::id, .procedure = P::number, .peer = &peer_, .caller = who_};
    // Owns itself until it has handed over the outcome.
    auto begun = std::make_unique<detail::local_work<P, service_type>>(home(), call, to_, info);
    this->serving(call, begun->link());
    if (to_->runner() != nullptr) {
      to_->runner()->submit(*begun.release());
    } else {
      begun.release()->start(turn{});
    }
    return {};
  }

  std::shared_ptr<service_type> to_;
  auth::identity who_;
  peer_identity peer_;
};

}  // namespace tryst::rpc
