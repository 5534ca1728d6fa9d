// A call through a capability: it becomes the operation's own call once the operation is known to
// exist, or a call of an operation elsewhere.
//
// Path: cap.hpp → here → operation.hpp or distant_op.hpp
#pragma once

#include <memory>
#include <optional>
#include <tryst/rendezvous/distant_op.hpp>
#include <tryst/rendezvous/limited_call.hpp>
#include <tryst/rendezvous/op_link.hpp>
#include <tryst/rendezvous/operation.hpp>
#include <tuple>

namespace tryst::detail {

// The forms of a call: each makes that of an operation, and says how long one elsewhere waits.

struct patient_form {
  template <class Operation, class... A>
  auto make(Operation& of, A&&... a) const {
    return of(std::forward<A>(a)...);
  }
  distant_limits limits() const { return {}; }
};

struct only_now_form {
  template <class Operation, class... A>
  auto make(Operation& of, A&&... a) const {
    return of.try_call(std::forward<A>(a)...);
  }
  distant_limits limits() const { return {.only_now = true}; }
};

struct within_form {
  loop::duration within;
  template <class Operation, class... A>
  auto make(Operation& of, A&&... a) const {
    return of.call_for(within, std::forward<A>(a)...);
  }
  distant_limits limits() const { return {.within = within}; }
};

struct until_form {
  loop::time_point when;
  template <class Operation, class... A>
  auto make(Operation& of, A&&... a) const {
    return of.call_until(when, std::forward<A>(a)...);
  }
  distant_limits limits() const { return {.until = when}; }
};

struct unless_form {
  std::stop_token stop;
  template <class Operation, class... A>
  auto make(Operation& of, A&&... a) const {
    return of.call_unless(stop, std::forward<A>(a)...);
  }
  distant_limits limits() const { return {.stop = stop}; }
};

template <class T>
inline constexpr bool is_expected = false;
template <class T, class E>
inline constexpr bool is_expected<std::expected<T, E>> = true;

/// Where the caller of an operation elsewhere waits.
template <class R>
class distant_wait final : public reply_place<R>, public party {
public:
  using party::wait_as;

  /// What a call of the form yields for it.
  template <class Form, class Result>
  Result outcome() {
    const errc why = this->failure();
    if constexpr (std::same_as<Form, patient_form>) {
      return this->take();
    } else if constexpr (std::same_as<Form, only_now_form>) {
      if (why == errc::not_taken) return Result{};
      if constexpr (std::is_void_v<R>) {
        this->take();
        return true;
      } else {
        return this->take();
      }
    } else {
      if (why != errc{}) return std::unexpected{make_error_code(why)};
      if constexpr (std::is_void_v<R>) {
        this->take();
        return {};
      } else {
        return this->take();
      }
    }
  }

private:
  void told() noexcept override { this->wake(); }
  const loop* waits_on() const noexcept override { return this->home(); }
};

/// Neither copied nor moved: what it becomes is pointed to.
template <class Signature, class Form>
class [[nodiscard]] cap_call;

template <class R, class... A, class Form>
class cap_call<R(A...), Form> {
  using local =
      decltype(std::declval<Form&>().make(std::declval<op<R(A...)>&>(), std::declval<A>()...));

public:
  using result = typename local::result;

  /// Both null: a call that does nothing.
  cap_call(std::shared_ptr<op_link> link, std::shared_ptr<const distant_op<R(A...)>> distant,
           Form form, A&&... arguments)
      : link_{std::move(link)},
        distant_{std::move(distant)},
        form_{std::move(form)},
        arguments_{std::forward<A>(arguments)...} {}
  cap_call(const cap_call&) = delete;
  cap_call& operator=(const cap_call&) = delete;

  bool await_ready() const noexcept { return link_ == nullptr && distant_ == nullptr; }
  template <class Promise>
  bool await_suspend(std::coroutine_handle<Promise> caller) {
    // This may be gone when the call has begun.
    if (distant_ != nullptr) {
      const auto distant = distant_;
      there_.emplace().wait_as(caller);
      distant->call(std::move(arguments_), form_.limits(), *there_);
      return true;
    }
    const auto link = link_;
    const passage way{*link};
    return begin(way) && here_->await_suspend(caller);
  }
  /// What awaiting the operation's own call yields. Throws call_error with errc::op_closed when the
  /// operation is gone.
  result await_resume() {
    if (here_) return here_->await_resume();
    if (there_) return there_->template outcome<Form, result>();
    if (link_ != nullptr) {
      if constexpr (is_expected<result>) {
        return std::unexpected{make_error_code(errc::op_closed)};
      } else {
        throw call_error{make_error_code(errc::op_closed)};
      }
    }
    if constexpr (std::same_as<result, bool>) {
      return true;
    } else if constexpr (!std::is_void_v<result>) {
      return result{};
    }
  }

  /// Blocks this thread until the call has ended.
  result wait() {
    parking here;
    if (distant_ != nullptr) {
      there_.emplace().wait_as(here);
      distant_->call(std::move(arguments_), form_.limits(), *there_);
      here.wait();
      return await_resume();
    }
    bool waits = false;
    if (link_ != nullptr) {
      const passage way{*link_};
      waits = begin(way) && here_->begin(here);
    }
    return here_ ? here_->end(here, waits) : await_resume();
  }

private:
  bool begin(const passage& way) {
    if (way.to() == nullptr) return false;
    here_.emplace(made{*this, static_cast<op<R(A...)>&>(*way.to())});
    return true;
  }

  // Becomes the call where it stays: it cannot be moved there.
  struct made {
    cap_call& by;
    op<R(A...)>& of;
    operator local() const {
      return std::apply([this](auto&... a) { return by.form_.make(of, std::forward<A>(a)...); },
                        by.arguments_);
    }
  };

  std::shared_ptr<op_link> link_;
  std::shared_ptr<const distant_op<R(A...)>> distant_;
  [[no_unique_address]] Form form_;
  std::tuple<A...> arguments_;
  std::optional<local> here_;
  std::optional<distant_wait<R>> there_;
};

}  // namespace tryst::detail
