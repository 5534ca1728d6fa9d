// One call of a typed procedure: its arguments, its outcome, and the two ways of waiting for it
// that need nothing but itself, by a coroutine and by a blocked thread.
//
// Path: typed_caller.hpp → here → outstanding_call → session
#pragma once

#include <atomic>
#include <coroutine>
#include <expected>
#include <memory>
#include <tryst/error.hpp>
#include <tryst/rpc/call_options.hpp>
#include <tryst/rpc/outstanding_call.hpp>
#include <tryst/rpc/typed_coding.hpp>
#include <tryst/task.hpp>
#include <type_traits>
#include <utility>

namespace tryst::rpc {

/// Asks a call for its outcome as std::expected<R, failure> instead of an exception.
struct as_result_t {};
inline constexpr as_result_t as_result{};

namespace detail {

/// Throws what a failed call throws: a call_error.
[[noreturn]] void throw_failure(const failure& why);
/// Throws std::logic_error when the calling thread runs `l`: to block it would end its work.
void must_not_run_here(const loop& l);

template <class P>
class typed_call : public outstanding_call {
  using descriptions = typename P::argument_descriptions;

public:
  using result = typename P::result;

  /// For callers within the process: hands out the arguments, takes the outcome.
  const typename P::arguments& arguments() const noexcept { return arguments_; }
  typename P::arguments take_arguments() { return std::move(arguments_); }
  void settle_with(std::expected<result, failure> outcome) noexcept {
    outcome_ = std::move(outcome);
    this->settled();
  }

protected:
  template <class Arguments>
  typed_call(Arguments&& arguments, call_options&& options)
      : outstanding_call{P::version::id, P::number, std::move(options),
                         may_be_large<descriptions, typename P::arguments>},
        arguments_{std::forward<Arguments>(arguments)} {}
  ~typed_call() = default;

  std::expected<result, failure> outcome_;  // says nothing until the call is settled

private:
  void encode_arguments(xdr::writer& w) override {
    encode_tuple<descriptions>(w, kept_ ? *kept_ : arguments_);
  }

  std::shared_ptr<void> keep_arguments() override {
    if constexpr (may_be_large<descriptions, typename P::arguments>) {
      if (!kept_ && size_of_tuple<descriptions>(arguments_) >= xdr::gather_threshold) {
        kept_ = std::make_shared<typename P::arguments>(std::move(arguments_));
      }
    }
    return kept_;
  }

  failure why() const noexcept override { return outcome_ ? failure{} : outcome_.error(); }

  void settle(const call_outcome& ended) noexcept override {
    if (ended.why) {
      outcome_ = std::unexpected{*ended.why};
    } else if constexpr (std::is_void_v<result>) {
      outcome_ = {};
    } else if (this->oneway()) {
      outcome_.emplace();  // one-way: there is no result to know
    } else {
      decode_result<P>(ended.result, outcome_);
    }
  }

  typename P::arguments arguments_;
  std::shared_ptr<typename P::arguments> kept_;  // the arguments, once they are known to be large
};

}  // namespace detail

/// A call that has not begun. Await it or get() it, once; the caller that made it must live. It
/// cannot be moved: the call itself lies in it, in the frame or on the stack of whoever waits.
///
/// A coroutine is resumed on its task's loop, or, if it is no task or has no loop, on the call's.
template <class P, bool AsResult>
class [[nodiscard]] lazy_call final : public detail::typed_call<P> {
public:
  template <class Caller, class Arguments>
  lazy_call(Caller& caller, Arguments&& arguments, call_options&& options)
      : detail::typed_call<P>{std::forward<Arguments>(arguments), std::move(options)},
        path_{caller.path()} {
    this->complete_options(caller, P::annotations.oneway);
  }
  ~lazy_call() = default;

  /// Makes the call and blocks until it has ended. Throws std::logic_error on the caller's own
  /// loop, which could then never receive the reply.
  auto get() {
    detail::must_not_run_here(path_.home());
    this->submit(path_);
    over_.wait(false, std::memory_order_acquire);
    return await_resume();
  }

  bool await_ready() const noexcept { return false; }

  template <class Promise>
  void await_suspend(std::coroutine_handle<Promise> waiting) {
    waiting_ = waiting;
    if constexpr (std::derived_from<Promise, tryst::detail::task_promise_base>) {
      home_ = waiting.promise().home();
    }
    this->submit(path_);
  }

  auto await_resume() {
    if constexpr (AsResult) {
      return std::move(this->outcome_);
    } else {
      if (!this->outcome_) detail::throw_failure(this->outcome_.error());
      if constexpr (!std::is_void_v<typename P::result>) return std::move(*this->outcome_);
    }
  }

private:
  void deliver() noexcept override {
    if (!waiting_) {
      over_.store(true, std::memory_order_release);
      over_.notify_one();
    } else if (home_ == nullptr || home_ == &path_.home() || home_->running_here()) {
      waiting_.resume();
    } else {
      this->deliver_on(*home_);
    }
  }
  void deliver_there() noexcept override { waiting_.resume(); }

  call_path& path_;
  loop* home_ = nullptr;
  std::coroutine_handle<> waiting_;  // null: a thread waits for over_
  std::atomic<bool> over_ = false;
};

}  // namespace tryst::rpc
