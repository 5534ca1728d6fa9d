// A remote program with the surface of a module: who invokes its operations cannot tell them from
// those of this process, except by time and by failure.
//
//   struct far_buffer : tryst::remote_module<BUFFER_V1> {
//     using remote_module::remote_module;
//     tryst::remote_op<BUFFER_V1::DEPOSIT> deposit{this};
//     tryst::remote_op<BUFFER_V1::FETCH> fetch{this};
//   };
//
//   far_buffer buffer{client};
//   co_await buffer.deposit(7);  buffer.fetch().wait();  buffer.deposit.send(8);
//   auto item = co_await buffer.fetch.call_for(50ms);
//
// Path: here → rpc/typed_caller.hpp
#pragma once

#include <algorithm>
#include <concepts>
#include <expected>
#include <functional>
#include <stop_token>
#include <system_error>
#include <tryst/loop.hpp>
#include <tryst/rendezvous/call.hpp>
#include <tryst/rpc/client.hpp>
#include <tuple>
#include <utility>

namespace tryst {

/// The program that the operations are of. The client must outlive it, and it its calls.
template <class Interface, class Caller = rpc::client>
class remote_module {
public:
  using send_failed = std::function<void(std::error_code)>;

  /// `on_send_failed` learns of sends that failed, on the client's loop: nobody else does.
  explicit remote_module(Caller& through, send_failed on_send_failed = {})
      : through_{through}, on_send_failed_{std::move(on_send_failed)} {}
  remote_module(const remote_module&) = delete;
  remote_module& operator=(const remote_module&) = delete;

private:
  template <class Procedure, class Through>
  friend class remote_op;

  Caller& through_;
  send_failed on_send_failed_;
};

namespace detail {

/// A remote call in its caller's frame. Awaiting it throws call_error: with what the server said,
/// or what became of the connection.
template <class P>
class [[nodiscard]] remote_call {
public:
  template <class Caller>
  remote_call(Caller& through, typename P::arguments&& arguments)
      : call_{through.template call<P>(std::move(arguments))} {}

  bool await_ready() const noexcept { return call_.await_ready(); }
  template <class Promise>
  void await_suspend(std::coroutine_handle<Promise> caller) {
    call_.await_suspend(caller);
  }
  typename P::result await_resume() { return call_.await_resume(); }

  /// Blocks this thread, which must not be the client's loop's, until the call has ended.
  typename P::result wait() { return call_.get(); }

private:
  rpc::lazy_call<P, false> call_;
};

/// One whose caller waits so long, or until it is stopped.
template <class P>
class [[nodiscard]] limited_remote_call {
public:
  using result = std::expected<typename P::result, std::error_code>;

  template <class Caller>
  limited_remote_call(Caller& through, typename P::arguments&& arguments, rpc::call_options&& how)
      : call_{through.template call<P>(std::move(arguments), std::move(how), rpc::as_result)} {}

  bool await_ready() const noexcept { return call_.await_ready(); }
  template <class Promise>
  void await_suspend(std::coroutine_handle<Promise> caller) {
    call_.await_suspend(caller);
  }
  result await_resume() { return judged(call_.await_resume()); }

  /// Blocks this thread, which must not be the client's loop's, until the call has ended.
  result wait() { return judged(call_.get()); }

private:
  // The limit is a value, all other failures are exceptions: as of a call within the process.
  static result judged(std::expected<typename P::result, rpc::failure> ended) {
    if (ended) {
      if constexpr (std::is_void_v<typename P::result>) {
        return {};
      } else {
        return std::move(*ended);
      }
    }
    const std::error_code why = ended.error().code;
    for (const errc limit : {errc::timed_out, errc::timed_out_unsent, errc::connect_timed_out,
                             errc::cancelled, errc::cancelled_unsent}) {
      if (why == limit) return std::unexpected{why};
    }
    rpc::detail::throw_failure(ended.error());
  }

  rpc::lazy_call<P, true> call_;
};

}  // namespace detail

/// An operation that is a procedure elsewhere: op's twin.
template <class Procedure, class Caller = rpc::client>
class remote_op {
public:
  using result = typename Procedure::result;

  explicit remote_op(remote_module<typename Procedure::version, Caller>* of) noexcept : of_{*of} {}

  /// A call, which ends when the server has answered.
  template <class... A>
    requires std::constructible_from<typename Procedure::arguments, A...>
  detail::remote_call<Procedure> operator()(A&&... arguments) {
    return {of_.through_, typename Procedure::arguments{std::forward<A>(arguments)...}};
  }

  /// A call whose caller waits for `within` at most, counted from when it is made. Yields
  /// std::expected: with errc::timed_out_unsent nothing has happened, with errc::timed_out the call
  /// is abandoned, and may be serviced yet, since RPC cannot take it back (rule F1; an operation
  /// within the process waits for the end of a call that was taken).
  template <class... A>
    requires std::constructible_from<typename Procedure::arguments, A...>
  detail::limited_remote_call<Procedure> call_for(loop::duration within, A&&... arguments) {
    return {of_.through_,
            typename Procedure::arguments{std::forward<A>(arguments)...},
            {.deadline = within}};
  }
  /// The same with a time to end it, by the clock of the client's loop.
  template <class... A>
    requires std::constructible_from<typename Procedure::arguments, A...>
  detail::limited_remote_call<Procedure> call_until(loop::time_point when, A&&... arguments) {
    const loop::time_point now = of_.through_.path().home().clock_now();
    return call_for(std::max(when - now, loop::duration::zero()), std::forward<A>(arguments)...);
  }
  /// A call that its caller abandons when a stop is requested: errc::cancelled_unsent, or
  /// errc::cancelled once it was sent. Any thread may request it.
  template <class... A>
    requires std::constructible_from<typename Procedure::arguments, A...>
  detail::limited_remote_call<Procedure> call_unless(std::stop_token stop, A&&... arguments) {
    return {of_.through_,
            typename Procedure::arguments{std::forward<A>(arguments)...},
            {.stop = std::move(stop)}};
  }

  /// For call::forward(): invokes the operation elsewhere, and gives its answer to `caller`. When
  /// nobody waits for that any more, the invocation is abandoned.
  template <class R, class... B, class... A>
    requires std::same_as<R, result> && std::constructible_from<typename Procedure::arguments, A...>
  void answer(call<R(B...)> caller, A&&... arguments) {
    std::stop_token gone = caller.stop_token();
    of_.through_.template call<Procedure>(
        typename Procedure::arguments{std::forward<A>(arguments)...},
        rpc::call_options{.stop = std::move(gone)},
        [caller = std::move(caller)](std::error_code failed, auto&&... value) mutable {
          if (failed) {
            caller.fail(std::make_exception_ptr(call_error{failed}));
          } else {
            caller.reply(std::forward<decltype(value)>(value)...);
          }
        });
  }

  /// Sends an invocation and goes on: its result is dropped, and of its failure
  /// remote_module::on_send_failed is told. Over one connection it is received before what the same
  /// thread sends or calls later.
  template <class... A>
    requires std::constructible_from<typename Procedure::arguments, A...>
  void send(A&&... arguments) {
    of_.through_.template call<Procedure>(
        typename Procedure::arguments{std::forward<A>(arguments)...},
        [of = &of_](std::error_code failed, const auto&...) {
          if (failed && of->on_send_failed_) of->on_send_failed_(failed);
        });
  }

private:
  remote_module<typename Procedure::version, Caller>& of_;
};

}  // namespace tryst
