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
#include <stdexcept>
#include <tryst/rendezvous/cap_call.hpp>
#include <tuple>
#include <type_traits>

namespace tryst {

template <class Signature>
class cap;

/// Thrown by invoking a null capability.
class null_cap : public std::logic_error {
public:
  null_cap() : logic_error{"a null capability was invoked"} {}
};

/// Null unless made from an operation. Copies are equal, and so are caps of one operation. Any
/// thread may invoke one, and several at once. One that came from another program (bridge/) names
/// an operation there: then calls may fail as calls over a network do, and one whose limit is
/// reached is given up, even if it was taken.
template <class R, class... A>
class cap<R(A...)> {
public:
  using signature = R(A...);
  using distant = std::shared_ptr<const detail::distant_op<R(A...)>>;

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
  explicit operator bool() const noexcept {
    return link_ != nullptr || distant_ != nullptr || is_noop_;
  }
  friend bool operator==(const cap& a, const cap& b) noexcept {
    if (a.distant_ == nullptr || b.distant_ == nullptr) {
      return a.link_ == b.link_ && a.distant_ == b.distant_ && a.is_noop_ == b.is_noop_;
    }
    return a.distant_->names_same(*b.distant_);
  }

  /// As the operation's own. Each throws null_cap if this is null.
  auto operator()(A... arguments) const {
    return call(detail::patient_form{}, std::forward<A>(arguments)...);
  }
  auto try_call(A... arguments) const {
    return call(detail::only_now_form{}, std::forward<A>(arguments)...);
  }
  auto call_for(loop::duration within, A... arguments) const {
    return call(detail::within_form{within}, std::forward<A>(arguments)...);
  }
  auto call_until(loop::time_point when, A... arguments) const {
    return call(detail::until_form{when}, std::forward<A>(arguments)...);
  }
  auto call_unless(std::stop_token stop, A... arguments) const {
    return call(detail::unless_form{std::move(stop)}, std::forward<A>(arguments)...);
  }
  /// Throws call_error with errc::op_closed when the module is closed or the operation gone, and
  /// errc::op_full when there is no room, if that is known at once: of one elsewhere it is not.
  void send(A... arguments) const {
    check();
    const errc why = forward_to_here(nullptr, nullptr, std::forward<A>(arguments)...);
    if (why != errc{}) throw call_error{make_error_code(why)};
  }

  /// These are for the bridge: one of an operation that is, or was, in this program,
  explicit cap(std::shared_ptr<detail::op_link> link) noexcept : link_{std::move(link)} {}
  /// one of an operation elsewhere,
  explicit cap(distant of) noexcept : distant_{std::move(of)} {}
  /// and what it is.
  const std::shared_ptr<detail::op_link>& link() const noexcept { return link_; }
  const distant& elsewhere() const noexcept { return distant_; }
  bool is_noop() const noexcept { return is_noop_; }

private:
  template <class>
  friend class tryst::call;

  void check() const {
    if (!*this) throw null_cap{};
  }

  template <class Form>
  detail::cap_call<R(A...), Form> call(Form form, A... arguments) const {
    check();
    return {link_, distant_, std::move(form), std::forward<A>(arguments)...};
  }

  // An invocation that answers to `place`, or to nobody. Otherwise why not, and nobody was told.
  errc forward_to_here(detail::reply_place<R>* place, detail::withdrawal* limit,
                       A... arguments) const {
    if (distant_ != nullptr) {
      std::tuple<A...> given{std::forward<A>(arguments)...};
      place != nullptr ? distant_->call(std::move(given), {.stop = place->stop_token()}, *place)
                       : distant_->send(std::move(given));
      return errc{};
    }
    if constexpr (std::is_void_v<R>) {
      if (is_noop_) {
        if (place != nullptr) place->give();
        return errc{};
      }
    }
    const detail::passage way{*link_};
    if (way.to() == nullptr) return errc::op_closed;
    return static_cast<op<R(A...)>&>(*way.to()).forward_to_here(place, limit,
                                                                std::forward<A>(arguments)...);
  }

  std::shared_ptr<detail::op_link> link_;
  distant distant_;
  bool is_noop_ = false;
};

}  // namespace tryst
