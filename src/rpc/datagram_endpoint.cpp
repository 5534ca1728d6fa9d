#include "rpc/datagram_endpoint.hpp"

#include <netinet/in.h>

#include <algorithm>
#include <cerrno>
#include <tryst/rpc/message.hpp>
#include <utility>

namespace tryst::rpc {
namespace {

constexpr std::size_t receive_batch = 16;
// The shortest header of a call. No refusal is as long, so that whoever sends calls in another's
// name makes us send that one no more than was sent to us.
constexpr std::size_t shortest_call = 40;
// Peers looked at, when the table is full, for one that may be forgotten.
constexpr int tries_to_make_room = 64;

// Datagrams have limits of their own, and no connection whose age would mean anything.
session_limits for_datagrams(session_limits of_streams, const datagram_limits& limits) {
  of_streams.record.max_bytes = std::min(limits.max_bytes, largest_datagram);
  of_streams.timers = {.first_message = std::chrono::seconds{0},
                       .record = std::chrono::seconds{0},
                       .idle = std::chrono::seconds{0},
                       .write_stall = std::chrono::seconds{0}};
  return of_streams;
}

}  // namespace

std::expected<socket, std::error_code> open_datagram_endpoint(
    const address& where, const std::vector<std::string>& groups, bool shared) {
  const auto addresses = resolve(where);
  if (!addresses) return std::unexpected{addresses.error()};
  const socket_address& at = addresses->front();
  auto opened = open_datagrams(at);
  if (!opened) return opened;
  constexpr int on = 1;
  if (shared) ::setsockopt(opened->descriptor(), SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
  // One socket, one protocol: as listeners have it.
  if (at.family() == AF_INET6) {
    ::setsockopt(opened->descriptor(), IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
  }
  ask_for_routes(*opened, at.family());
  for (const std::string& g : groups) join_everywhere(*opened, at.family(), g);
  if (::bind(opened->descriptor(), at.get(), at.size) != 0) return std::unexpected{last_error()};
  return opened;
}

datagram_endpoint::datagram_endpoint(loop& home, socket bound, options how, datagram_tally& tally)
    : home_{home},
      socket_{std::move(bound)},
      how_{std::move(how)},
      tally_{tally},
      arrivals_{receive_batch, std::min(how_.limits.max_bytes, largest_datagram), true},
      flush_job_{std::make_unique<flush_job>(*this)} {
  how_.sessions = for_datagrams(how_.sessions, how_.limits);
  const std::error_code unwatched = home_.add(socket_.descriptor(), *this, true, false);
  if (unwatched) throw std::system_error(unwatched);
}

datagram_endpoint::~datagram_endpoint() {
  home_.disarm(*this);
  if (socket_) home_.forget(socket_.descriptor(), *this);
  while (!peers_.empty()) forget(peers_.front());
  flush_job_->owner = nullptr;
  // The loop has it, and it will delete itself.
  if (flush_job_->queued) static_cast<void>(flush_job_.release());
}

void datagram_endpoint::drain() {
  draining_ = true;
  watch_for(false, writing_);
  std::vector<std::shared_ptr<session>> all;
  for (const known_peer& p : peers_) all.push_back(p.serving);
  for (const auto& s : all) s->drain();
}

void datagram_endpoint::ready(readiness what) noexcept {
  if (what.writable) flush();
  // An error is one of an answer that somebody does not want any more. To read is to clear it.
  if (what.readable || what.broken) read();
}

void datagram_endpoint::read() {
  if (!reading_) return;
  const std::size_t count = arrivals_.receive(socket_);
  tally_.received.fetch_add(count, std::memory_order_relaxed);
  for (std::size_t i = 0; i < count; ++i) receive(i);
}

void datagram_endpoint::receive(std::size_t index) {
  const auto bytes = arrivals_.bytes(index);
  const auto drop = [](std::atomic<std::uint64_t>& counter) {
    counter.fetch_add(1, std::memory_order_relaxed);
  };
  const auto type = type_of(bytes);
  const auto between = route_of(arrivals_.from(index), arrivals_.header(index));
  if (!type || !between) return drop(tally_.invalid);
  if (*type == message_type::call && bytes.size() < shortest_call) return drop(tally_.invalid);
  if (arrivals_.cut_off(index)) return drop(tally_.too_large);
  known_peer* from = nullptr;
  if (*type == message_type::call) {
    from = find_or_meet(*between, arrivals_.from(index));
    if (from == nullptr) return drop(tally_.overload);
  } else if (const auto known = by_route_.find(*between); known != by_route_.end()) {
    from = &*known->second;
  } else {
    return drop(tally_.invalid);
  }
  from->heard = home_.now();
  const auto message = store_.keep(bytes);
  if (!from->transport->receive(message, store_.chunk())) drop(tally_.overload);
}

datagram_endpoint::known_peer* datagram_endpoint::find_or_meet(const datagram_route& between,
                                                               const socket_address& from) {
  if (!peers_.empty() && peers_.front().transport->route() == between) return &peers_.front();
  if (const auto known = by_route_.find(between); known != by_route_.end()) {
    peers_.splice(peers_.begin(), peers_, known->second);
    return &peers_.front();
  }
  if (peers_.size() >= how_.limits.peers && !make_room()) return nullptr;
  if (peers_.empty()) home_.arm(*this, home_.now() + how_.limits.idle);
  datagram_peer::outlet& out = *this;
  session::owner& its_owner = *this;
  auto fresh = std::make_unique<datagram_peer>(home_, out, between, from, how_.limits.jitter);
  const session::settings how{.limits = how_.sessions,
                              .calls = how_.calls,
                              .replies = how_.replies,
                              .oversized = how_.oversized};
  peers_.push_front({.serving = std::make_shared<session>(home_, how, its_owner),
                     .transport = fresh.get(),
                     .heard = home_.now()});
  by_route_.emplace(between, peers_.begin());
  tally_.peers.fetch_add(1, std::memory_order_relaxed);
  peers_.front().serving->attach(std::move(fresh));
  return &peers_.front();
}

bool datagram_endpoint::make_room() {
  for (int i = 0; i < tries_to_make_room; ++i) {
    known_peer& oldest = peers_.back();
    if (oldest.serving->quiet() && oldest.transport->out().empty()) {
      forget(oldest);
      return true;
    }
    // It has a call in progress: others may be older now.
    peers_.splice(peers_.begin(), peers_, std::prev(peers_.end()));
    oldest.heard = home_.now();
  }
  return false;
}

void datagram_endpoint::forget(known_peer& p) {
  const std::shared_ptr<session> serving = p.serving;
  // Its transport leaves when it is closed.
  serving->close();
}

void datagram_endpoint::left(datagram_peer& p) noexcept {
  std::erase(with_messages_, &p);
  const auto known = by_route_.find(p.route());
  tally_.silenced.fetch_add(p.take_silenced(), std::memory_order_relaxed);
  tally_.peers.fetch_sub(1, std::memory_order_relaxed);
  const std::shared_ptr<session> serving = std::move(known->second->serving);
  peers_.erase(known->second);
  by_route_.erase(known);
  if (draining_ && peers_.empty()) how_.drained();
}

void datagram_endpoint::expired() noexcept {
  const loop::time_point now = home_.now();
  std::vector<known_peer*> old;
  for (auto p = peers_.rbegin(); p != peers_.rend() && now - p->heard >= how_.limits.idle; ++p) {
    if (p->serving->quiet() && p->transport->out().empty()) old.push_back(&*p);
  }
  for (known_peer* const p : old) forget(*p);
  if (peers_.empty()) {
    arrivals_.shrink();
  } else {
    home_.arm(*this, now + how_.limits.idle / 2);
  }
}

void datagram_endpoint::send_soon(datagram_peer& p) {
  if (!std::exchange(p.queued, true)) with_messages_.push_back(&p);
  if (blocked_ || std::exchange(flush_job_->queued, true)) return;
  home_.at_turn_end(*flush_job_);
}

void datagram_endpoint::flush_job::run() noexcept {
  queued = false;
  if (owner != nullptr) return owner->flush();
  delete this;
}

void datagram_endpoint::flush_job::abandoned() noexcept {
  queued = false;
  if (owner == nullptr) delete this;
}

void datagram_endpoint::fill_departures() {
  departures_.clear();
  for (datagram_peer* const p : with_messages_) {
    const std::size_t before = departures_.count();
    p->depart(departures_);
    std::fill(departing_.begin() + static_cast<std::ptrdiff_t>(before),
              departing_.begin() + static_cast<std::ptrdiff_t>(departures_.count()), p);
    tally_.silenced.fetch_add(p->take_silenced(), std::memory_order_relaxed);
    if (departures_.count() == datagram_departures::most) break;
  }
}

// How many of the departures are done with; -1: the system takes no more for now.
int datagram_endpoint::send() {
  if (departures_.count() == 0) return 0;
  const int n = departures_.send(socket_);
  if (n >= 0) return n;
  if (errno == EAGAIN || errno == EWOULDBLOCK) return -1;
  // This one cannot be sent, or it could not before: the peer will call again.
  tally_.unsendable.fetch_add(1, std::memory_order_relaxed);
  return 1;
}

void datagram_endpoint::flush() {
  bool full = false;
  while (!with_messages_.empty() && !full) {
    fill_departures();
    int n = send();
    full = n < 0;
    for (int i = 0; i < n; ++i) {
      const auto index = static_cast<std::size_t>(i);
      departing_[index]->sent(departures_.held(index));
    }
    std::erase_if(with_messages_, [&](datagram_peer* p) {
      if (!p->out().empty()) return false;
      p->queued = false;
      done_.push_back(p);
      return true;
    });
    // Whoever is told may send again.
    for (datagram_peer* const p : done_) p->after_sent();
    done_.clear();
  }
  blocked_ = full;
  // While answers wait no further questions are taken.
  watch_for(!full && !draining_, full);
}

void datagram_endpoint::watch_for(bool read, bool write) {
  if (read == reading_ && write == writing_) return;
  reading_ = read;
  writing_ = write;
  home_.change(socket_.descriptor(), *this, read, write);
}

}  // namespace tryst::rpc
