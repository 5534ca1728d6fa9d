#include "rpc/dialler.hpp"

#include <netinet/in.h>

#include <cerrno>
#include <cstring>
#include <span>
#include <tryst/error.hpp>
#include <utility>

namespace tryst::rpc {
namespace {

// Binds to one of `ports` that is free; the first to try is random, so that clients spread.
std::error_code bind_to_one_of(std::span<const std::uint16_t> ports, const socket& s, int family,
                               std::uint64_t random) {
  for (std::size_t i = 0; i < ports.size(); ++i) {
    const std::uint16_t port = ports[(random + i) % ports.size()];
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
    failure why{failed_ == std::errc::timed_out ? errc::connect_timed_out : errc::connect_failed};
    if (why.code == errc::connect_failed) why.status = static_cast<std::uint32_t>(failed_.value());
    // The last thing that happens here: whoever is told may destroy the dialler.
    auto tell = std::move(done_);
    return tell(std::unexpected{why});
  }
  attempt(addresses_[next_++]);
}

void dialler::attempt(const socket_address& where) {
  auto opened = how_.datagrams ? open_datagrams(where) : open_stream(where);
  if (!opened) return give_up(opened.error());
  socket_ = std::move(*opened);
  if (how_.local_ports != nullptr && where.family() != AF_UNIX) {
    const std::error_code unbound =
        bind_to_one_of(*how_.local_ports, socket_, where.family(), home_.random());
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
