#include "rpc/dialler.hpp"

#include <netinet/in.h>

#include <array>
#include <cerrno>
#include <fstream>
#include <set>
#include <sstream>
#include <tryst/error.hpp>
#include <utility>

namespace tryst::rpc {
namespace {

constexpr std::uint16_t first_privileged = 600;
constexpr std::uint16_t last_privileged = 1023;

// Ports below 1024 that belong to somebody else, as the system's own clients respect them.
std::set<std::uint16_t> blacklisted_ports() {
  std::set<std::uint16_t> ports;
  std::ifstream file{"/etc/bindresvport.blacklist"};
  for (std::string line; std::getline(file, line);) {
    std::istringstream words{line};
    std::uint16_t port = 0;
    if (words >> port) ports.insert(port);
  }
  return ports;
}

// Binds to a free port of 600..1023; the first to try is random, so that clients spread.
std::error_code bind_privileged(const socket& s, int family, std::uint64_t random) {
  const std::set<std::uint16_t> avoid = blacklisted_ports();
  constexpr std::uint32_t count = last_privileged - first_privileged + 1;
  for (std::uint32_t i = 0; i < count; ++i) {
    const auto port = static_cast<std::uint16_t>(first_privileged + (random + i) % count);
    if (avoid.contains(port)) continue;
    socket_address local;
    if (family == AF_INET6) {
      sockaddr_in6 in{};
      in.sin6_family = AF_INET6;
      in.sin6_port = htons(port);
      std::memcpy(&local.storage, &in, sizeof in);
      local.size = sizeof in;
    } else {
      sockaddr_in in{};
      in.sin_family = AF_INET;
      in.sin_port = htons(port);
      std::memcpy(&local.storage, &in, sizeof in);
      local.size = sizeof in;
    }
    if (::bind(s.descriptor(), local.get(), local.size) == 0) return {};
    if (errno != EADDRINUSE) return last_error();
  }
  return {EADDRINUSE, std::generic_category()};
}

}  // namespace

struct dialler::begin_job final : job {
  dialler* owner;
  explicit begin_job(dialler& d) : owner{&d} {}
  void run() noexcept override {
    const std::unique_ptr<begin_job> self{this};
    if (owner == nullptr) return;
    owner->begin_ = nullptr;
    owner->try_next();
  }
  void abandoned() noexcept override {
    if (owner != nullptr) owner->begin_ = nullptr;
    delete this;
  }
};

dialler::dialler(loop& home, std::vector<socket_address> addresses, options how, done d)
    : home_{home},
      addresses_{std::move(addresses)},
      how_{how},
      done_{std::move(d)},
      begin_{new begin_job{*this}} {
  home_.schedule(*begin_);
}

dialler::~dialler() {
  if (begin_ != nullptr) begin_->owner = nullptr;
  release();
}

void dialler::release() noexcept {
  home_.disarm(*this);
  if (std::exchange(watching_, false)) home_.forget(socket_.descriptor(), *this);
  socket_ = {};
}

void dialler::try_next() {
  release();
  if (next_ == addresses_.size()) {
    const bool late = failed_ == std::errc::timed_out;
    // The last thing that happens here: whoever is told may destroy the dialler.
    auto tell = std::move(done_);
    return tell(
        std::unexpected{make_error_code(late ? errc::connect_timed_out : errc::connect_failed)});
  }
  attempt(addresses_[next_++]);
}

void dialler::attempt(const socket_address& where) {
  auto opened = how_.datagrams ? open_datagrams(where) : open_stream(where);
  if (!opened) return give_up(opened.error());
  socket_ = std::move(*opened);
  if (how_.privileged_port && where.family() != AF_UNIX) {
    const std::error_code unbound = bind_privileged(socket_, where.family(), home_.random());
    if (unbound) return give_up(unbound);
  }
  const int failed = how_.connected ? ::connect(socket_.descriptor(), where.get(), where.size) : 0;
  // A UNIX socket whose listener has a full queue says EAGAIN, and nothing will tell us when it
  // has room: that is a failed attempt.
  if (failed != 0 && errno != EINPROGRESS) return give_up(last_error());
  if (const auto unwatched = home_.add(socket_.descriptor(), *this, false, true)) {
    return give_up(unwatched);
  }
  watching_ = true;
  if (how_.timeout.count() > 0) {
    home_.arm(*this, home_.now() + std::chrono::duration_cast<loop::duration>(how_.timeout));
  }
}

void dialler::give_up(std::error_code why) {
  failed_ = why;
  release();
  begin_ = new begin_job{*this};
  home_.schedule(*begin_);
}

void dialler::expired() noexcept { give_up(std::make_error_code(std::errc::timed_out)); }

void dialler::ready(readiness) noexcept {
  int error = 0;
  socklen_t size = sizeof error;
  ::getsockopt(socket_.descriptor(), SOL_SOCKET, SO_ERROR, &error, &size);
  if (error != 0) return give_up({error, std::generic_category()});
  home_.disarm(*this);
  home_.forget(socket_.descriptor(), *this);
  watching_ = false;
  tune_connection(socket_);
  auto tell = std::move(done_);
  tell(std::move(socket_));
}

}  // namespace tryst::rpc
