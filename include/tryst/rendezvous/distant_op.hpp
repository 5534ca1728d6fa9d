// An operation of another program, as capabilities see it: what the bridge implements, and nothing
// here knows how.
//
// Path: cap.hpp → here → bridge/far_operation.hpp
#pragma once

#include <memory>
#include <optional>
#include <stop_token>
#include <tryst/loop.hpp>
#include <tryst/rendezvous/invocation.hpp>
#include <tuple>

namespace tryst::detail {

/// How long the caller of a distant operation waits. All by default: as long as the bridge lets it.
struct distant_limits {
  bool only_now = false;  ///< not taken at once: errc::not_taken
  std::optional<loop::duration> within{};
  std::optional<loop::time_point> until{};
  std::stop_token stop{};
};

template <class Signature>
class distant_op;

/// Any thread may invoke one, and several at once.
template <class R, class... A>
class distant_op<R(A...)> {
public:
  distant_op(const distant_op&) = delete;
  distant_op& operator=(const distant_op&) = delete;
  virtual ~distant_op() = default;

  /// Begins a call, of which `place` is told on any thread, perhaps before this returns. `self`
  /// lives until then. If it throws, nothing has happened.
  virtual void call(std::tuple<A...>&& arguments, const distant_limits& how,
                    reply_place<R>& place) const = 0;
  /// Begins a send. If it throws, nothing has happened; what happens later, the bridge tells.
  virtual void send(std::tuple<A...>&& arguments) const = 0;
  /// Whether both name the same operation.
  virtual bool names_same(const distant_op& other) const noexcept = 0;

protected:
  distant_op() = default;
};

}  // namespace tryst::detail
