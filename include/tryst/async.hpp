// Anything that can be awaited in a task, with a completion token of Asio: how calls and input
// statements enter an asio::awaitable, a callback or a future. `begin` makes what is awaited, on
// the loop that it is for.
//
//   item x = co_await async(loop, [&] { return buffer.fetch(); }, asio::use_awaitable);
//   std::future<item> y = async(loop, [&] { return buffer.fetch(); }, asio::use_future);
//   co_await async(loop, [&] { return in(accept(job) >> body); }, asio::use_awaitable);
//   async(loop, [&](std::stop_token stop) { return buffer.fetch.call_unless(stop); }, told);
#pragma once

#include <asio/associated_cancellation_slot.hpp>
#include <asio/associated_executor.hpp>
#include <asio/async_result.hpp>
#include <asio/dispatch.hpp>
#include <asio/execution/outstanding_work.hpp>
#include <asio/prefer.hpp>
#include <asio/system_executor.hpp>
#include <concepts>
#include <exception>
#include <functional>
#include <optional>
#include <stop_token>
#include <tryst/all.hpp>
#include <tryst/loop.hpp>
#include <tryst/task.hpp>
#include <type_traits>
#include <utility>

namespace tryst {

namespace detail {

template <class Begin>
decltype(auto) begin_awaitable(Begin& begin, [[maybe_unused]] const std::stop_source& stop) {
  if constexpr (std::invocable<Begin&, std::stop_token>) {
    return std::invoke(begin, stop.get_token());
  } else {
    return std::invoke(begin);
  }
}

template <class Begin>
using begun_result = yielded_t<decltype(begin_awaitable(std::declval<Begin&>(),
                                                        std::declval<const std::stop_source&>()))>;

template <class R>
struct async_signature {
  using type = void(std::exception_ptr, R);
};
template <>
struct async_signature<void> {
  using type = void(std::exception_ptr);
};

template <class Begin, class Handler, class Executor>
task<> run_for_handler(Begin begin, Handler handler, Executor executor, std::stop_source stop) {
  using result = begun_result<Begin>;
  std::exception_ptr failure;
  std::optional<std::conditional_t<std::is_void_v<result>, std::monostate, result>> value;
  try {
    if constexpr (std::is_void_v<result>) {
      co_await begin_awaitable(begin, stop);
    } else {
      value.emplace(co_await begin_awaitable(begin, stop));
    }
  } catch (...) {
    failure = std::current_exception();
  }
  asio::dispatch(executor, [handler = std::move(handler), failure = std::move(failure),
                            value = std::move(value)]() mutable {
    if (auto slot = asio::get_associated_cancellation_slot(handler); slot.is_connected()) {
      slot.clear();
    }
    if constexpr (std::is_void_v<result>) {
      static_cast<void>(value);
      std::move(handler)(std::move(failure));
    } else {
      std::move(handler)(std::move(failure), value ? std::move(*value) : result{});
    }
  });
}

}  // namespace detail

/// Awaits on `home` what `begin` makes there, and completes `token` with what it yields: the
/// signature is void(std::exception_ptr, R), or void(std::exception_ptr) without a result. The
/// handler runs on its associated executor, which has work until then; one without runs on `home`.
/// If `begin` takes a std::stop_token, a cancellation of the handler's slot requests that stop. R
/// can be default-constructed, which is what a handler gets beside an exception.
///
/// Any thread. What `begin` refers to must live until the end, and so must the loop: of one that
/// ends before, the handler is destroyed and not called.
template <class Begin, class Token>
  requires std::invocable<Begin&> || std::invocable<Begin&, std::stop_token>
auto async(loop& home, Begin begin, Token&& token) {
  using signature = typename detail::async_signature<detail::begun_result<Begin>>::type;
  return asio::async_initiate<Token, signature>(
      [](auto handler, loop* on, Begin what) {
        std::stop_source stop{std::nostopstate};
        if constexpr (std::invocable<Begin&, std::stop_token>) {
          stop = std::stop_source{};
          if (auto slot = asio::get_associated_cancellation_slot(handler); slot.is_connected()) {
            slot.assign([stop](asio::cancellation_type) mutable { stop.request_stop(); });
          }
        }
        auto executor =
            asio::prefer(asio::get_associated_executor(handler, asio::system_executor{}),
                         asio::execution::outstanding_work.tracked);
        spawn(*on,
              detail::run_for_handler(std::move(what), std::move(handler), std::move(executor),
                                      std::move(stop)),
              nullptr);
      },
      token, &home, std::move(begin));
}

}  // namespace tryst
