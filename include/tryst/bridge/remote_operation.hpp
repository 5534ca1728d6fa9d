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
//
// Path: here → rpc/typed_caller.hpp
#pragma once

#include <concepts>
#include <functional>
#include <system_error>
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
