#include "rpc/stream_transport.hpp"

#include <array>
#include <cerrno>
#include <tryst/error.hpp>

namespace tryst::rpc {
namespace {

constexpr std::size_t max_parts = 64;

bool would_block(int error) { return error == EAGAIN || error == EWOULDBLOCK; }

}  // namespace

stream_transport::stream_transport(loop& home, socket connected, peer_identity peer,
                                   record_limits limits)
    : socket_transport{home, std::move(connected), std::move(peer)}, records_{limits} {}

bool stream_transport::inside_message() const noexcept {
  return !paused_ && records_.inside_record();
}

void stream_transport::ready(readiness what) noexcept {
  if (what.writable) flush();
  // Nobody is there any more, and there is nothing that we would read: epoll would say so for ever.
  if (what.broken && (ended_ || paused_)) return close(make_error_code(errc::connection_lost));
  if (what.readable || what.broken) read();
}

void stream_transport::read() {
  if (paused_ || ended_ || closing_) return;
  const std::span<std::byte> room = buffer_.room(records_.wanted());
  const ssize_t n = ::recv(socket_.descriptor(), room.data(), room.size(), 0);
  if (n > 0) {
    received_ += static_cast<std::uint64_t>(n);
    buffer_.received(static_cast<std::size_t>(n));
    return deliver();
  }
  if (n < 0) {
    if (would_block(errno) || errno == EINTR) return;
    return close(make_error_code(errc::connection_lost));
  }
  ended_ = true;
  watch_for(false, writing_);
  user_->on_end_of_messages();
}

void stream_transport::deliver() {
  std::span<std::byte> unread = buffer_.unread();
  const auto hand_over = [this](std::span<const std::byte> message, const xdr::buffer_ref& chunk) {
    if (user_->on_message(message, chunk)) return;
    paused_ = true;
    watch_for(false, writing_);
  };
  while (!paused_ && !closing_) {
    if (const auto message = records_.next_whole(unread); message.data() != nullptr) {
      hand_over(message, buffer_.chunk());
      continue;
    }
    const auto next = records_.next(unread);
    if (!next) {
      close(next.error());
      break;
    }
    if (!*next) break;
    const record& found = **next;
    hand_over(found.bytes, found.joined ? found.joined : buffer_.chunk());
  }
  buffer_.keep_last(unread.size());
}

void stream_transport::resume_reading() {
  if (!paused_ || resume_queued_) return;
  resume_queued_ = true;
  home_.schedule(resume_job_);
}

void stream_transport::resume_job::run() noexcept {
  owner.resume_queued_ = false;
  if (owner.closing_) return;
  owner.paused_ = false;
  owner.deliver();
  if (!owner.paused_ && !owner.closing_ && !owner.ended_) owner.watch_for(true, owner.writing_);
}

void stream_transport::flush() {
  if (closing_) return;
  outbox& queue = out();
  const std::uint64_t taken_before = queue.taken();
  while (!queue.empty()) {
    std::array<iovec, max_parts> parts;
    const std::size_t used = queue.gather(parts);
    ssize_t n = 0;
    if (used == 1) {
      n = ::send(socket_.descriptor(), parts[0].iov_base, parts[0].iov_len, MSG_NOSIGNAL);
    } else {
      msghdr message{};
      message.msg_iov = parts.data();
      message.msg_iovlen = used;
      n = ::sendmsg(socket_.descriptor(), &message, MSG_NOSIGNAL);
    }
    if (n < 0) {
      if (errno == EINTR) continue;
      if (would_block(errno)) break;
      return close(make_error_code(errc::connection_lost));
    }
    queue.took(static_cast<std::uint64_t>(n));
  }
  blocked_ = !queue.empty();
  if (blocked_ != writing_) watch_for(reading_, blocked_);
  if (queue.taken() != taken_before) user_->on_sent();
  if (finishing_ && queue.empty() && !closing_) ::shutdown(socket_.descriptor(), SHUT_WR);
}

}  // namespace tryst::rpc
