#include "rpc/datagram_peer.hpp"

#include <tryst/error.hpp>
#include <tryst/rpc/message.hpp>
#include <tryst/rpc/record.hpp>

namespace tryst::rpc {

datagram_peer::datagram_peer(loop& home, outlet& by, const datagram_route& between,
                             const socket_address& from, std::chrono::milliseconds jitter)
    : home_{home},
      outlet_{&by},
      route_{between},
      address_{from},
      used_control_{control_for(route_, control_)},
      identity_{.where = to_address(from, address::transport::udp),
                .credentials = {},
                .called = between.called_text(),
                .to_many = between.to_many},
      jitter_{between.to_many ? jitter : std::chrono::milliseconds{0}} {}

datagram_peer::~datagram_peer() {
  home_.disarm(*this);
  if (outlet_ != nullptr) outlet_->left(*this);
}

bool datagram_peer::receive(std::span<const std::byte> message, const xdr::buffer_ref& buffer) {
  // There is no telling the peer to wait: it will call again.
  if (paused_ || closing_ || finishing_) return false;
  received_ += message.size();
  paused_ = !user_->on_message(message, buffer);
  return true;
}

void datagram_peer::flush_soon() {
  if (outlet_ == nullptr || closing_) return;
  if (jitter_.count() == 0 || finishing_) return outlet_->send_soon(*this);
  if (armed()) return;
  const auto delay = home_.random() % static_cast<std::uint64_t>(jitter_.count() + 1);
  home_.arm(*this, home_.now() + std::chrono::milliseconds{delay});
}

void datagram_peer::expired() noexcept {
  if (outlet_ != nullptr) outlet_->send_soon(*this);
}

void datagram_peer::drop_refusals() {
  for (;;) {
    outbox::place at = out().first_message();
    std::array<iovec, 16> parts;
    const std::size_t used = out().gather_message(at, parts);
    if (used == 0) return;
    const std::span<const std::byte> first{static_cast<const std::byte*>(parts[0].iov_base),
                                           parts[0].iov_len};
    if (type_of(first) != message_type::reply) return;
    if (const auto reply = parse_reply(first); reply && !reply->why) return;
    std::uint64_t size = record_mark_size;
    for (std::size_t i = 0; i < used; ++i) size += parts[i].iov_len;
    out().took(size);
    ++silenced_;
  }
}

void datagram_peer::depart(datagram_departures& with) {
  if (route_.to_many) drop_refusals();
  outbox::place at = out().first_message();
  // The one behind it may be a refusal that must not leave: one at a time.
  while (with.add(out(), at, &address_, used_control_) && !route_.to_many) {
  }
}

void datagram_peer::after_sent() {
  user_->on_sent();
  if (finishing_ && out().empty()) close(make_error_code(errc::connection_lost));
}

void datagram_peer::finish_sending() {
  finishing_ = true;
  if (out().empty()) return close(make_error_code(errc::connection_lost));
  flush_soon();
}

void datagram_peer::close(std::error_code why) {
  if (closing_) return;
  closing_ = why;
  home_.disarm(*this);
  if (outlet_ != nullptr) std::exchange(outlet_, nullptr)->left(*this);
  home_.schedule(close_job_);
}

}  // namespace tryst::rpc
