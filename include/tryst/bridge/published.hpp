// A module whose operations are served to RPC clients, without its types: what is the same for all
// of them.
//
// Path: rpc/dispatcher.hpp → here → publish.hpp → rendezvous/outside_call.hpp
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <tryst/rendezvous/op_link.hpp>
#include <tryst/rpc/service.hpp>
#include <utility>
#include <vector>

namespace tryst {

namespace detail {
class exchange_core;
}

/// How an operation is served. Invocations that callers within the process have queued count
/// towards max_pending too.
struct export_options {
  /// How long a call may wait before it is taken; then its caller sees SYSTEM_ERR. Not given: what
  /// the `.x` says (`/* @tryst max_wait=5s */`), or publish_options. Zero: for ever.
  std::optional<std::chrono::milliseconds> max_wait{};
  /// Beyond so many queued invocations a call is refused: SYSTEM_ERR, and over UDP silence, so that
  /// it is sent again. Not given: what the `.x` says (`/* @tryst max_pending=64 */`), or 1024.
  std::optional<std::size_t> max_pending{};
  /// Its callers send (rule I2): they are answered when the invocation is queued. For procedures
  /// without a result; one that is `acknowledged` in the `.x` is always sent so, and one that is
  /// `oneway` too, and not answered at all.
  bool sent = false;
};

struct publish_options {
  /// Who is answered, what is remembered, who learns of exceptions. Its policy has no meaning here:
  /// the module's processes run the bodies.
  rpc::service_options service{};
  /// Stock clients give up after 25 s and say nothing: what were granted later nobody would have.
  std::chrono::milliseconds max_wait = std::chrono::seconds{20};
  /// How long a queued call of a procedure that is `once` outlives its connection, so that its
  /// client may connect anew and ask again.
  std::chrono::milliseconds grace = std::chrono::seconds{2};
  /// A cap_exchange, of which operations with capabilities among their parameters, or as their
  /// result, have need: in the `.x` that is a `capability`. Those that are published with one are
  /// known to others by their procedures.
  std::shared_ptr<detail::exchange_core> caps{};
};

/// What publish() makes. Calls that are queued keep it alive.
class published : public rpc::service {
public:
  const rpc::auth_policy& auth() const noexcept final { return options_.service.auth; }

  /// From now on its procedures are unavailable, and so they are for the calls that are queued when
  /// the module is closed then. The module may end at its or_terminate(). Any thread.
  void withdraw() noexcept {
    if (!withdrawn_.exchange(true, std::memory_order_relaxed)) needed_.clear();
  }

  const publish_options& options() const noexcept { return options_; }
  /// What callers are told when an operation is closed.
  rpc::refusal closed() const noexcept {
    return {.code = withdrawn() ? errc::proc_unavail : errc::system_err};
  }

protected:
  /// `needed`: the operations, which somebody outside may call until withdraw().
  explicit published(publish_options options,
                     std::vector<std::shared_ptr<detail::op_link>> needed = {})
      : options_{std::move(options)}, needed_{std::move(needed)} {}

  bool withdrawn() const noexcept { return withdrawn_.load(std::memory_order_relaxed); }
  /// Over datagrams a call that waits is remembered from its arrival on, whatever the `.x` says:
  /// its caller sends it again meanwhile.
  rpc::recall how_remembered(std::uint32_t procedure, const rpc::procedure_annotations& said,
                             bool datagram) const noexcept;
  static std::size_t max_pending(const rpc::procedure_annotations& said,
                                 const export_options& how) noexcept;
  std::chrono::milliseconds max_wait(const rpc::procedure_annotations& said,
                                     const export_options& how) const noexcept;

private:
  publish_options options_;
  std::vector<std::shared_ptr<detail::op_link>> needed_;
  std::atomic<bool> withdrawn_ = false;
};

}  // namespace tryst
