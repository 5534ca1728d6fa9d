// One call at a server: the one seam into user code. It is owned, it can be moved, and it is
// answered exactly once: now or later, from any thread. Typed services, policies and bridges are
// adaptors over it; nothing about how a call is run is decided anywhere else.
//
// Path: session → dispatcher → policy → service.hpp → handler → here → session
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <system_error>
#include <tryst/rpc/call_info.hpp>
#include <tryst/rpc/failure.hpp>
#include <tryst/xdr/bytes.hpp>
#include <tryst/xdr/writer.hpp>
#include <utility>
#include <variant>
#include <vector>

namespace tryst::auth {
struct verdict;
}

namespace tryst::rpc {

struct call_header;
class cached_reply;
class reply_cache;
class session;
struct set_aside_call;
enum class recall : std::uint8_t;

/// Writes a result where it will be sent from.
class result_encoder {
public:
  virtual void encode(xdr::writer& w) const = 0;
  /// What keeps long opaque data of the result alive until it is sent, so that it need not be
  /// copied; null: everything is copied. Asked only if the result may_be_large().
  virtual std::shared_ptr<void> keep() const { return nullptr; }
  bool may_be_large() const noexcept { return may_be_large_; }

protected:
  explicit result_encoder(bool may_be_large = false) : may_be_large_{may_be_large} {}
  ~result_encoder() = default;

private:
  bool may_be_large_;
};

/// Learns how a call was answered: a decorator of services (see observer.hpp) puts one in.
class answer_listener {
public:
  /// `why` is empty for a result, whose encoding is `result`; on whatever thread answered.
  virtual void answered(const call_info& call, const failure& why,
                        std::span<const std::byte> result) noexcept = 0;

protected:
  ~answer_listener() = default;
};

/// Moving it makes it independent of the turn of the loop that received it: before, its bytes lie
/// in the session's buffer, and it lives on that loop's stack. Used by one thread at a time.
class incoming_call {
public:
  incoming_call(incoming_call&& other) noexcept;
  incoming_call& operator=(incoming_call&&) = delete;
  /// A call that was not answered is refused with SYSTEM_ERR.
  ~incoming_call();

  const call_info& info() const noexcept { return info_; }
  /// The loop that received the call.
  loop& home() const noexcept;
  /// The encoded arguments: valid while this object is, and longer with a copy of buffer().
  std::span<const std::byte> arguments() const noexcept { return arguments_; }
  const xdr::buffer_ref& buffer() const noexcept { return *buffer_; }

  bool answered() const noexcept { return session_ == nullptr; }
  /// Answers with a result. One that breaks a bound of the .x, or that is larger than a record may
  /// be, is answered SYSTEM_ERR; errc says so.
  std::error_code reply(const result_encoder& result);
  /// Answers with a refusal (RFC 5531 §9).
  void refuse(const refusal& why);
  /// Ends the call without an answer: for one-way procedures (RFC 5531 §8).
  void drop();
  /// Ends it without an answer, and as if it had never come: a copy that comes later is a new call.
  /// For calls that had no effect, or whose effect was undone.
  void forget();

  /// The call waits until somebody wants it, for as long as that takes: it no longer counts towards
  /// session_limits::running_calls, but towards calls_set_aside. Gives back the message's buffer,
  /// so that arguments() and the caller's machine_name() are empty. False, and nothing happens: its
  /// connection has too many of them. REQUIRES: on home(), at most once, and the call was moved.
  ///
  /// While there are such calls, call_info::connection_lost() is requested already when the peer
  /// has shut down its side of the connection.
  [[nodiscard]] bool set_aside();
  /// Whether a copy of the call, which came over another connection that is still there, waits for
  /// the same answer.
  bool has_copy() const;

  /// Tells `l` how the call is answered, in place of the listener that it returns, if there was
  /// one: `l` tells that in its turn.
  answer_listener* listen(answer_listener& l) noexcept { return std::exchange(listener_, &l); }

private:
  friend class dispatcher;

  // `arguments` are those of `call`.
  incoming_call(session& s, const call_header& call, std::span<const std::byte> arguments,
                const xdr::buffer_ref& buffer);

  // What the judgement of its caller decided.
  void accept(const auth::verdict& judged);
  // False: it was there before, and is dealt with.
  bool begin_cached(const std::shared_ptr<reply_cache>& replies, recall how);
  void remember(std::variant<std::monostate, refusal, std::vector<std::byte>> how);
  void keep_verifier(const auth::opaque_auth& verifier);
  std::error_code reply_here(const result_encoder& result);
  std::error_code refuse_unsendable(errc why);
  void end_unanswered();
  std::optional<set_aside_call> aside() const noexcept;
  // Whoever wants to know how the call is answered: with this result.
  void tell(std::span<const std::byte> result);
  auth::opaque_auth verifier() const noexcept;
  void over() noexcept;

  call_info info_;
  std::span<const std::byte> arguments_;
  const xdr::buffer_ref* buffer_;  // the session's, or own_buffer_ once moved
  xdr::buffer_ref own_buffer_;
  session* session_;                // null once answered
  std::shared_ptr<session> owner_;  // set once moved: the answer may come when all else is gone
  std::uint32_t generation_;  // of the session's transports: an answer is for the one it came on
  answer_listener* listener_ = nullptr;
  std::unique_ptr<xdr::byte_buffer> verifier_;  // the reply's, if it is not AUTH_NONE
  std::unique_ptr<cached_reply> cached_;        // null: nobody remembers how it ends
  std::optional<std::uint32_t> aside_;          // set aside, with so many bytes of arguments
  auth::flavor verifier_flavor_ = auth::flavor::none;
};

}  // namespace tryst::rpc
