#include <tryst/rpc/broadcast.hpp>

#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>

#include <cstring>
#include <set>
#include <tryst/auth/authenticator.hpp>
#include <tryst/error.hpp>
#include <tryst/rpc/message.hpp>

#include "rpc/datagram_batch.hpp"

namespace tryst::rpc::detail {
namespace {

constexpr std::size_t receive_batch = 16;

struct interface_list {
  ifaddrs* first = nullptr;
  interface_list() {
    if (::getifaddrs(&first) != 0) first = nullptr;
  }
  ~interface_list() {
    if (first != nullptr) ::freeifaddrs(first);
  }
  interface_list(const interface_list&) = delete;
  interface_list& operator=(const interface_list&) = delete;
};

socket_address with_port(const sockaddr& of, std::uint16_t port) {
  socket_address out;
  sockaddr_in in{};
  std::memcpy(&in, &of, sizeof in);
  in.sin_port = htons(port);
  std::memcpy(&out.storage, &in, sizeof in);
  out.size = sizeof in;
  return out;
}

void append_resolved(std::vector<socket_address>& to, const address& where) {
  if (const auto found = resolve(where)) to.insert(to.end(), found->begin(), found->end());
}

// Each interface's broadcast address, and the group on each that has IPv6 (pitfall 79).
std::vector<socket_address> everywhere(std::uint16_t port, const std::string& group) {
  std::vector<socket_address> all;
  const interface_list interfaces;
  std::set<std::string> with_group;
  for (const ifaddrs* i = interfaces.first; i != nullptr; i = i->ifa_next) {
    if ((i->ifa_flags & IFF_UP) == 0 || i->ifa_addr == nullptr) continue;
    const int family = i->ifa_addr->sa_family;
    if (family == AF_INET && (i->ifa_flags & IFF_BROADCAST) != 0 && i->ifa_broadaddr != nullptr) {
      all.push_back(with_port(*i->ifa_broadaddr, port));
    } else if (family == AF_INET6 && (i->ifa_flags & IFF_MULTICAST) != 0 &&
               with_group.insert(i->ifa_name).second) {
      append_resolved(all, {.kind = address::transport::udp,
                            .host = group + "%" + i->ifa_name,
                            .port = port,
                            .path = {}});
    }
  }
  return all;
}

}  // namespace

class broadcast_round::state final : public job, private timer {
public:
  state(broadcast_round& r, loop& l, std::uint16_t port, const broadcast_options& how)
      : home{l}, round_{r}, port_{port}, how_{how} {}
  ~state() { end(); }

  // As a job: it begins, or its end is told.
  void run() noexcept override { over_ ? round_.over() : begin(); }
  void abandoned() noexcept override {
    failed = make_error_code(errc::closed);
    round_.over();
  }

  loop& home;
  interface_id interface;
  std::uint32_t procedure = 0;
  std::size_t answers = 0;
  std::error_code failed;

private:
  // The socket of one family.
  struct ear final : watch {
    state& owner;
    socket by;
    int family;
    datagram_arrivals arrivals{receive_batch, largest_datagram, true};
    ear(state& s, socket opened, int f) : owner{s}, by{std::move(opened)}, family{f} {}
    ~ear() { owner.home.forget(by.descriptor(), *this); }
    void ready(readiness) noexcept override { owner.listen(*this); }
  };

  void begin() noexcept;
  void expired() noexcept override;
  errc encode();
  void open(int family);
  bool send();
  void listen(ear& at);
  bool hear(const socket_address& from, std::span<const std::byte> message);
  void finish(std::error_code why) noexcept;
  void end() noexcept {
    home.disarm(*this);
    ears_.clear();
  }

  broadcast_round& round_;
  std::uint16_t port_;
  broadcast_options how_;
  std::vector<socket_address> targets_;
  std::vector<std::unique_ptr<ear>> ears_;
  xdr::byte_buffer message_;
  std::uint32_t xid_ = 0;
  std::uint32_t sent_ = 0;  // copies
  bool over_ = false;
  loop::time_point ends_at_;
  std::set<std::pair<std::string, std::uint16_t>> heard_;
};

void broadcast_round::state::begin() noexcept {
  for (const std::string& text : how_.to) {
    const auto parsed = address::parse(text);
    if (!parsed || parsed->kind != address::transport::udp) return finish(errc::address_invalid);
    append_resolved(targets_, *parsed);
  }
  if (how_.to.empty()) targets_ = everywhere(port_, how_.group);
  xid_ = static_cast<std::uint32_t>(home.random());
  if (const errc wrong = encode(); wrong != errc{}) return finish(wrong);
  for (const int family : {AF_INET, AF_INET6}) open(family);
  if (!send()) return finish(errc::connect_failed);
  ends_at_ = home.now() + how_.wait;
  home.arm(*this, home.now() + how_.wait / 2 / std::max(how_.copies, 1U));
}

errc broadcast_round::state::encode() {
  put_call_header(message_, xid_, interface, procedure, how_.authenticator == nullptr);
  if (how_.authenticator != nullptr) how_.authenticator->put(message_, 0);
  const std::size_t arguments = message_.size();
  xdr::writer w{message_};
  round_.encode_arguments(w);
  if (!w.ok()) return errc::arguments_invalid;
  if (how_.authenticator != nullptr) how_.authenticator->protect(message_, arguments);
  return message_.size() > largest_datagram ? errc::arguments_too_large : errc{};
}

void broadcast_round::state::open(int family) {
  for (const socket_address& to : targets_) {
    if (to.family() != family) continue;
    auto opened = open_datagrams(to);
    if (!opened) return;
    constexpr int on = 1;
    ::setsockopt(opened->descriptor(), SOL_SOCKET, SO_BROADCAST, &on, sizeof on);
    auto fresh = std::make_unique<ear>(*this, std::move(*opened), family);
    if (!home.add(fresh->by.descriptor(), *fresh, true, false)) ears_.push_back(std::move(fresh));
    return;
  }
}

// True: it has left at least once.
bool broadcast_round::state::send() {
  ++sent_;
  bool any = false;
  for (const auto& e : ears_) {
    for (const socket_address& to : targets_) {
      if (to.family() != e->family) continue;
      any = ::sendto(e->by.descriptor(), message_.data(), message_.size(),
                     MSG_DONTWAIT | MSG_NOSIGNAL, to.get(), to.size) >= 0 ||
            any;
    }
  }
  return any;
}

void broadcast_round::state::expired() noexcept {
  if (home.now() >= ends_at_) return finish({});
  if (sent_ < how_.copies) send();
  home.arm(*this, sent_ < how_.copies ? home.now() + how_.wait / 2 / how_.copies : ends_at_);
}

void broadcast_round::state::listen(ear& at) {
  const std::size_t count = at.arrivals.receive(at.by);
  for (std::size_t i = 0; i < count; ++i) {
    if (at.arrivals.cut_off(i) || !hear(at.arrivals.from(i), at.arrivals.bytes(i))) continue;
    // The socket in whose turn this is goes with the rest.
    return finish({});
  }
}

// True: that is enough.
bool broadcast_round::state::hear(const socket_address& from, std::span<const std::byte> message) {
  if (type_of(message) != message_type::reply || xid_of(message) != xid_) return false;
  const address where = to_address(from, address::transport::udp);
  const auto reply = parse_reply(message);
  if (!reply || !heard_.emplace(where.host, where.port).second) return false;
  ++answers;
  call_outcome outcome{};
  auto result = reply->result;
  if (reply->why) {
    outcome.why = reply->why;
  } else if (how_.authenticator != nullptr &&
             how_.authenticator->check(xid_, reply->verifier, result)) {
    outcome.why = errc::reply_unverified;
  } else {
    outcome.result = result;
  }
  return round_.answered(where, outcome) || answers >= how_.answers;
}

void broadcast_round::state::finish(std::error_code why) noexcept {
  if (std::exchange(over_, true)) return;
  failed = why;
  end();
  // Whoever is told may destroy everything: not in the midst of a socket's turn.
  home.schedule(*this);
}

broadcast_round::broadcast_round(loop& home, std::uint16_t port, const broadcast_options& how)
    : state_{std::make_unique<state>(*this, home, port, how)} {}

broadcast_round::~broadcast_round() = default;

void broadcast_round::begin(interface_id interface, std::uint32_t procedure) {
  state_->interface = interface;
  state_->procedure = procedure;
  state_->home.post(*state_);
}

loop& broadcast_round::home() const noexcept { return state_->home; }

std::size_t broadcast_round::answers() const noexcept { return state_->answers; }

std::error_code broadcast_round::failed() const noexcept { return state_->failed; }

}  // namespace tryst::rpc::detail
