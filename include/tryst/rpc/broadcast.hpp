// One call to every server that a broadcast (IPv4) or a multicast (IPv6) reaches, and their answers
// as they come (RFC 5531 §8.4.1). A caller for generated stubs, whose calls take a function:
//
//   broadcast_caller everyone{loop, 111};
//   pmap::PMAP_V2::stub binders{everyone};
//   const auto heard = co_await binders.GETPORT(mapping, [](const auto& answer) {
//     if (answer.outcome) std::cout << answer.from.text() << ": " << *answer.outcome << '\n';
//   });
//
// Servers that have nothing to say are silent, and nobody knows how many have run the call: any
// number of servers, each of them any number of times.
//
// Path: generated stub → here → the kernel
#pragma once

#include <atomic>
#include <chrono>
#include <coroutine>
#include <cstdint>
#include <expected>
#include <memory>
#include <string>
#include <tryst/rpc/address.hpp>
#include <tryst/rpc/outstanding_call.hpp>
#include <tryst/rpc/typed_call.hpp>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace tryst::rpc {

struct broadcast_options {
  /// How long answers are waited for.
  std::chrono::milliseconds wait{3000};
  /// How often the call is sent, in equal steps of half that time: what is lost is lost once.
  std::uint32_t copies = 3;
  /// Answers that are taken, one of each address: whoever answers may be anybody.
  std::size_t answers = 10'000;
  /// The group of IPv6 (RFC 1833 and its implementations: of binders).
  std::string group = "ff02::202";
  /// Where to send instead of to every interface's broadcast address and group: addresses of udp.
  std::vector<std::string> to{};
  /// Whose credential calls carry; null: nobody's. Must outlive them.
  auth::authenticator* authenticator = nullptr;
};

/// What one server said.
template <class R>
struct broadcast_answer {
  address from;
  std::expected<R, failure> outcome;
};

namespace detail {

/// A broadcast call without its types. Once it has begun it must live until it is over.
class broadcast_round {
public:
  broadcast_round(const broadcast_round&) = delete;
  broadcast_round& operator=(const broadcast_round&) = delete;

protected:
  broadcast_round(loop& home, std::uint16_t port, const broadcast_options& how);
  ~broadcast_round();

  /// Begins in one of the loop's next turns. Any thread.
  void begin(interface_id interface, std::uint32_t procedure);
  loop& home() const noexcept;
  /// Answers so far.
  std::size_t answers() const noexcept;
  /// Why nothing could be sent at all; none if something was.
  std::error_code failed() const noexcept;

  virtual void encode_arguments(xdr::writer& w) = 0;
  /// An answer; true: no further ones are wanted.
  virtual bool answered(const address& from, const call_outcome& what) = 0;
  /// The last touch.
  virtual void over() noexcept = 0;

private:
  class state;
  std::unique_ptr<state> state_;
};

}  // namespace detail

/// A broadcast call that has not begun: await it or get() it, once. It yields the number of
/// answers; call_error is thrown when it could be sent nowhere.
template <class P, class Each>
class [[nodiscard]] broadcast_call final : private detail::broadcast_round, private job {
public:
  template <class Arguments>
  broadcast_call(loop& home, std::uint16_t port, const broadcast_options& how,
                 Arguments&& arguments, Each each)
      : broadcast_round{home, port, how},
        arguments_{std::forward<Arguments>(arguments)},
        each_{std::move(each)} {}
  ~broadcast_call() = default;

  bool await_ready() const noexcept { return false; }
  template <class Promise>
  void await_suspend(std::coroutine_handle<Promise> waiting) {
    waiting_ = waiting;
    if constexpr (std::derived_from<Promise, tryst::detail::task_promise_base>) {
      waiter_home_ = waiting.promise().home();
    }
    begin(P::version::id, P::number);
  }
  std::size_t await_resume() {
    if (failed()) detail::throw_failure(static_cast<errc>(failed().value()));
    return answers();
  }

  /// Blocks this thread, which must not be the loop's.
  std::size_t get() {
    detail::must_not_run_here(home());
    begin(P::version::id, P::number);
    over_.wait(false, std::memory_order_acquire);
    return await_resume();
  }

private:
  void encode_arguments(xdr::writer& w) override {
    detail::encode_tuple<typename P::argument_descriptions>(w, arguments_);
  }

  bool answered(const address& from, const call_outcome& what) override {
    broadcast_answer<typename P::result> answer{.from = from, .outcome = {}};
    if (what.why) {
      answer.outcome = std::unexpected{*what.why};
    } else if constexpr (!std::is_void_v<typename P::result>) {
      detail::decode_result<P>(what.result, answer.outcome);
    }
    if constexpr (std::is_same_v<std::invoke_result_t<Each&, decltype(answer)&>, bool>) {
      return each_(answer);
    } else {
      each_(answer);
      return false;
    }
  }

  void over() noexcept override {
    if (!waiting_) {
      over_.store(true, std::memory_order_release);
      over_.notify_one();
    } else if (waiter_home_ == nullptr || waiter_home_ == &home() || waiter_home_->running_here()) {
      waiting_.resume();
    } else {
      waiter_home_->post(*this);
    }
  }
  void run() noexcept override { waiting_.resume(); }

  typename P::arguments arguments_;
  Each each_;
  std::coroutine_handle<> waiting_;  // null: a thread waits for over_
  loop* waiter_home_ = nullptr;
  std::atomic<bool> over_ = false;
};

/// Calls everyone at a port. Its stubs' calls take one more argument: a function of a
/// broadcast_answer, which is called on the loop as answers come; one that returns bool ends the
/// call with true.
class broadcast_caller {
public:
  /// The loop must outlive the caller and its calls.
  broadcast_caller(loop& home, std::uint16_t port, broadcast_options options = {})
      : home_{home}, port_{port}, options_{std::move(options)} {}

  /// For generated stubs.
  template <class P, class... Arguments, class Each>
  auto call(std::tuple<Arguments...> arguments, Each each) {
    return broadcast_call<P, Each>{home_, port_, options_, std::move(arguments), std::move(each)};
  }

private:
  loop& home_;
  std::uint16_t port_;
  broadcast_options options_;
};

}  // namespace tryst::rpc
