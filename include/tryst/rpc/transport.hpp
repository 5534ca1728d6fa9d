// A transport moves whole messages between two ends, in batches, and knows nothing of what is in
// them: every message that one read brought goes up together, every message that was queued during
// a turn of the loop goes down in one write.
//
// Path: client.hpp → session → here → record.hpp → the kernel
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <system_error>
#include <tryst/loop.hpp>
#include <tryst/rpc/address.hpp>
#include <tryst/rpc/outbox.hpp>
#include <tryst/xdr/bytes.hpp>

namespace tryst::rpc {

/// Who is at the other end of a transport, as far as the system knows.
struct peer_identity {
  address where;  ///< tcp, udp: the peer's address and port; local: the address we listen on
  /// UNIX sockets: the peer's process, as the kernel vouches for it (SO_PEERCRED).
  struct process {
    std::uint32_t uid = 0;
    std::uint32_t gid = 0;
    std::int32_t pid = 0;
  };
  std::optional<process> credentials;
  /// udp, at a server: the address of ours that the peer called, from which it is answered.
  std::string called{};
  /// udp, at a server: the calls came by broadcast or multicast, so that others may answer too, and
  /// RFC 5531 §8.4 wants no answer but a result.
  bool to_many = false;
};

/// One end of a connection. Lives on one loop; every function is for that loop's thread.
class transport {
public:
  /// Who uses a transport: it gets the messages, and the end.
  class user {
  public:
    user(const user&) = delete;
    user& operator=(const user&) = delete;

    /// A whole message, in place; a copy of `buffer` keeps the bytes beyond this call. False: no
    /// further message until resume_reading().
    virtual bool on_message(std::span<const std::byte> message, const xdr::buffer_ref& buffer) = 0;
    /// The kernel took queued bytes; see outbox::taken().
    virtual void on_sent() = 0;
    /// The peer will send no more; what is queued still leaves.
    virtual void on_end_of_messages() = 0;
    /// The transport has ended, for this reason; nothing follows, and nothing queued will leave.
    /// Never called from within a function of the transport.
    virtual void on_closed(std::error_code why) = 0;

    /// Datagrams only: a message that begins with these bytes did not get through. connect_failed:
    /// it is one of ours, and nobody takes messages where it went, as the system there said;
    /// record_too_large: it came, and is larger than our limit.
    virtual void on_message_lost(std::span<const std::byte> beginning, std::error_code why) {
      static_cast<void>(beginning);
      static_cast<void>(why);
    }

  protected:
    user() = default;
    ~user() = default;
  };

  transport(const transport&) = delete;
  transport& operator=(const transport&) = delete;
  virtual ~transport() = default;

  /// Begins to read. `u` must outlive the transport.
  virtual void start(user& u) = 0;

  /// Where messages are queued: begin() one, append it, end() it, then call flush_soon().
  outbox& out() noexcept { return out_; }

  /// The queued messages leave when this turn of the loop ends, or when the peer reads again.
  virtual void flush_soon() = 0;

  /// True while the peer, or the kernel, does not take what is queued.
  virtual bool blocked() const noexcept = 0;

  /// Takes up reading, with the messages that are there already, after on_message said no.
  virtual void resume_reading() = 0;

  /// Sends what is queued, and then the end of messages (TCP's FIN). Reading goes on.
  virtual void finish_sending() = 0;

  /// Ends the transport: on_closed(why) follows in one of the loop's next steps.
  virtual void close(std::error_code why) = 0;

  /// True while a part of a message has arrived and the rest has not.
  virtual bool inside_message() const noexcept = 0;
  /// Bytes received since the beginning: for timers that watch for progress.
  virtual std::uint64_t received() const noexcept = 0;

  /// Whether what is sent arrives, or the transport ends. A datagram may be lost, or come twice.
  virtual bool reliable() const noexcept { return true; }

  /// Gives memory back that only a busy connection needs.
  virtual void shrink() = 0;

  virtual const peer_identity& peer() const noexcept = 0;

protected:
  transport() = default;

private:
  outbox out_;
};

}  // namespace tryst::rpc
