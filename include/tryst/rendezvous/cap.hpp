// Capabilities: operations as values, which are copied, compared, kept in records and sent along
// (rules C1, C3). One may outlive its operation: invoking it then fails, and touches nothing.
//
//   cap<void(result)> answer = mine;   an op becomes one by itself
//   worker.job.send(task, answer);
//   ...
//   co_await answer(found);            in the worker
//
// A cap invokes and does not service: that is for the module that owns the operation (rule C2).
#pragma once

#include <concepts>
#include <memory>
#include <optional>
#include <stdexcept>
#include <tryst/rendezvous/limited_call.hpp>
#include <tryst/rendezvous/op_link.hpp>
#include <tryst/rendezvous/operation.hpp>
#include <tuple>

namespace tryst {

template <class Signature>
class cap;

/// Thrown by invoking a null capability.
class null_cap : public std::logic_error {
public:
  null_cap() : logic_error{"a null capability was invoked"} {}
};

namespace detail {

template <class T>
inline constexpr bool is_expected = false;
template <class T, class E>
inline constexpr bool is_expected<std::expected<T, E>> = true;

/// A call through a capability. `Make` makes the call of the operation once it is known to exist.
/// Neither copied nor moved.
template <class Operation, class Make>
class [[nodiscard]] cap_call {
  using call_type = std::invoke_result_t<Make&, Operation&>;

public:
  using result = typename call_type::result;

  cap_call(std::shared_ptr<op_link> link, Make make)
      : link_{std::move(link)}, make_{std::move(make)} {}
  cap_call(const cap_call&) = delete;
  cap_call& operator=(const cap_call&) = delete;

  bool await_ready() const noexcept { return link_ == nullptr; }
  template <class Promise>
  bool await_suspend(std::coroutine_handle<Promise> caller) {
    const auto link = link_;  // this may be gone when the call has begun
    const passage way{*link};
    return begin(way) && call_->await_suspend(caller);
  }
  /// What awaiting the operation's own call yields. Throws call_error with errc::op_closed when the
  /// operation is gone.
  result await_resume() {
    if (call_) return call_->await_resume();
    if (link_ != nullptr) {
      if constexpr (is_expected<result>) {
        return std::unexpected{make_error_code(errc::op_closed)};
      } else {
        throw call_error{make_error_code(errc::op_closed)};
      }
    }
    if constexpr (!std::is_void_v<result>) return result{};
  }

  /// Blocks this thread until the call has ended.
  result wait() {
    parking here;
    bool waits = false;
    if (link_ != nullptr) {
      const passage way{*link_};
      waits = begin(way) && call_->begin(here);
    }
    return call_ ? call_->end(here, waits) : await_resume();
  }

private:
  bool begin(const passage& way) {
    if (way.to() == nullptr) return false;
    call_.emplace(made{*this, static_cast<Operation&>(*way.to())});
    return true;
  }

  // Becomes the call where it stays: it cannot be moved there.
  struct made {
    cap_call& by;
    Operation& of;
    operator call_type() const { return by.make_(of); }
  };

  std::shared_ptr<op_link> link_;  // null: a call that does nothing
  Make make_;
  std::optional<call_type> call_;
};

}  // namespace detail

/// Null unless made from an operation. Copies are equal, and so are caps of one operation. Any
/// thread may invoke one, and several at once.
template <class R, class... A>
class cap<R(A...)> {
public:
  using signature = R(A...);

  /// The null capability: invoking it throws null_cap.
  cap() noexcept = default;
  cap(op<R(A...)>& to) : link_{to.link()} {}  // an op is a cap, in SR's words

  /// One whose invocations do nothing.
  static cap noop() noexcept
    requires std::is_void_v<R>
  {
    cap made;
    made.is_noop_ = true;
    return made;
  }

  /// Whether it may be invoked: it is not null.
  explicit operator bool() const noexcept { return link_ != nullptr || is_noop_; }
  friend bool operator==(const cap&, const cap&) noexcept = default;

  /// As the operation's own.
  auto operator()(A... arguments) const {
    return call([](op<R(A...)>& to, A&... a) { return to(std::forward<A>(a)...); },
                std::forward<A>(arguments)...);
  }
  auto call_for(loop::duration within, A... arguments) const {
    return call(
        [within](op<R(A...)>& to, A&... a) { return to.call_for(within, std::forward<A>(a)...); },
        std::forward<A>(arguments)...);
  }
  /// Throws call_error with errc::op_closed when the module is closed or the operation gone.
  void send(A... arguments) const {
    check();
    if (is_noop_) return;
    const detail::passage way{*link_};
    if (way.to() == nullptr) throw call_error{make_error_code(errc::op_closed)};
    static_cast<op<R(A...)>&>(*way.to()).send(std::forward<A>(arguments)...);
  }

private:
  void check() const {
    if (!*this) throw null_cap{};
  }

  template <class Call>
  auto call(Call how, A... arguments) const {
    check();
    auto make = [how,
                 kept = std::tuple<A...>{std::forward<A>(arguments)...}](op<R(A...)>& to) mutable {
      return std::apply([&](auto&... a) { return how(to, a...); }, kept);
    };
    return detail::cap_call<op<R(A...)>, decltype(make)>{link_, std::move(make)};
  }

  std::shared_ptr<detail::op_link> link_;
  bool is_noop_ = false;
};

}  // namespace tryst
