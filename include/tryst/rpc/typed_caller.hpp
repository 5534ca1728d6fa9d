// The typed edge of every caller that goes through a session: client and connection. A call does
// nothing until it is awaited, waited for, or given a completion token.
//
//   co_await stub.ADD({2, 3})                    in a task or any coroutine; throws call_error
//   co_await stub.ADD({2, 3}, as_result)         std::expected<R, failure>
//   stub.ADD({2, 3}).get()                       blocks this thread, which must not be the loop's
//   stub.ADD({2, 3}, call_options{...}, token)   any completion token of Asio: void(error_code, R)
//
// Path: generated stub → here → typed_call.hpp → outstanding_call → session
#pragma once

#include <asio/associated_executor.hpp>
#include <asio/async_result.hpp>
#include <asio/dispatch.hpp>
#include <asio/system_executor.hpp>
#include <memory>
#include <tryst/rpc/typed_call.hpp>
#include <tuple>
#include <type_traits>
#include <utility>

namespace tryst::rpc {

namespace detail {

template <class R>
struct completion_signature {
  using type = void(std::error_code, R);
};
template <>
struct completion_signature<void> {
  using type = void(std::error_code);
};

/// A call whose end is told to an Asio completion handler, on its associated executor; a handler
/// that has none runs on the loop.
template <class P, class Handler>
class handler_call final : public typed_call<P> {
public:
  handler_call(typename P::arguments arguments, call_options options, Handler handler)
      : typed_call<P>{std::move(arguments), std::move(options)}, handler_{std::move(handler)} {}

private:
  void deliver() noexcept override {
    auto ended = std::move(this->outcome_);
    Handler handler = std::move(handler_);
    delete this;
    const auto executor = asio::get_associated_executor(handler, asio::system_executor{});
    asio::dispatch(executor, [handler = std::move(handler), ended = std::move(ended)]() mutable {
      const std::error_code code = ended ? std::error_code{} : ended.error().code;
      if constexpr (std::is_void_v<typename P::result>) {
        std::move(handler)(code);
      } else {
        std::move(handler)(code, ended ? std::move(*ended) : typename P::result{});
      }
    });
  }

  Handler handler_;
};

}  // namespace detail

/// Gives Derived the function that generated stubs call. Derived has call_path& path(), and
/// void complete(call_options&), which fills in what the caller did not say.
template <class Derived>
class typed_caller {
public:
  /// A call that throws call_error.
  template <class P, class... Arguments>
  auto call(std::tuple<Arguments...> arguments, call_options options = {}) {
    return lazy_call<P, false>{derived(), std::move(arguments), std::move(options)};
  }

  /// A call that yields std::expected<R, failure>.
  template <class P, class... Arguments>
  auto call(std::tuple<Arguments...> arguments, call_options options, as_result_t) {
    return lazy_call<P, true>{derived(), std::move(arguments), std::move(options)};
  }
  template <class P, class... Arguments>
  auto call(std::tuple<Arguments...> arguments, as_result_t) {
    return call<P>(std::move(arguments), call_options{}, as_result);
  }

  /// A call that begins now and ends with a completion token of Asio: void(error_code, R).
  template <class P, class... Arguments, class Token>
  auto call(std::tuple<Arguments...> arguments, call_options options, Token&& token) {
    using signature = typename detail::completion_signature<typename P::result>::type;
    options.oneway = options.oneway || P::annotations.oneway;
    derived().complete(options);
    return asio::async_initiate<Token, signature>(
        [](auto handler, call_path* path, typename P::arguments values, call_options how) {
          using operation = detail::handler_call<P, std::decay_t<decltype(handler)>>;
          // It deletes itself when it has delivered.
          auto begun =
              std::make_unique<operation>(std::move(values), std::move(how), std::move(handler));
          begun.release()->submit(*path);
        },
        token, &derived().path(), typename P::arguments{std::move(arguments)}, std::move(options));
  }
  template <class P, class... Arguments, class Token>
    requires(!std::same_as<std::remove_cvref_t<Token>, call_options> &&
             !std::same_as<std::remove_cvref_t<Token>, as_result_t>)
  auto call(std::tuple<Arguments...> arguments, Token&& token) {
    return call<P>(std::move(arguments), call_options{}, std::forward<Token>(token));
  }

private:
  Derived& derived() noexcept { return static_cast<Derived&>(*this); }
};

}  // namespace tryst::rpc
