// tryst-rpcbind: the binder of a system (RFC 1833), in place of portmap and rpcbind.
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <iostream>
#include <optional>
#include <tryst/binder/binder.hpp>
#include <tryst/binder/presence.hpp>
#include <tryst/epoll_loop.hpp>
#include <tryst/rpc/server.hpp>

#include "keeper.hpp"
#include "privileges.hpp"
#include "settings.hpp"
#include "state_directory.hpp"

namespace tryst::rpcbind {
namespace {

// SIGTERM and SIGINT as an event of the loop.
class termination final : public watch {
public:
  termination(loop& home, std::function<void()> then) : home_{home}, then_{std::move(then)} {
    ::sigset_t signals;
    ::sigemptyset(&signals);
    ::sigaddset(&signals, SIGTERM);
    ::sigaddset(&signals, SIGINT);
    ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    descriptor_ = ::signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
    if (descriptor_ < 0) throw std::system_error{errno, std::generic_category(), "signalfd"};
    if (const auto why = home_.add(descriptor_, *this, true, false)) {
      throw std::system_error{why, "epoll_ctl"};
    }
  }
  ~termination() { ::close(descriptor_); }

  void ready(readiness) noexcept override {
    home_.forget(descriptor_, *this);
    then_();
  }

private:
  loop& home_;
  std::function<void()> then_;
  int descriptor_ = -1;
};

bool is_v6(const std::string& host) { return host.find(':') != host.npos; }

// The addresses to listen at, and whether one that the system does not have is an error.
struct wanted_address {
  std::string text;
  bool must_be = true;
};

std::vector<wanted_address> addresses_of(const settings& s) {
  std::vector<wanted_address> all;
  for (const auto& text : s.listen) all.push_back({text});
  if (!all.empty()) return all;
  if (!s.socket.empty()) {
    all.push_back({"unix:" + s.socket.string()});
    // Newer libtirpcs look for the abstract name first (pitfall 71).
    all.push_back({"unix:@" + s.socket.string()});
  }
  std::vector<std::string> hosts = s.hosts;
  if (hosts.empty()) {
    hosts = {"0.0.0.0", "::"};
  } else {
    for (const char* loopback : {"127.0.0.1", "::1"}) {
      if (std::ranges::find(hosts, loopback) == hosts.end()) hosts.emplace_back(loopback);
    }
  }
  for (const auto& host : hosts) {
    const std::string rest = (is_v6(host) ? '[' + host + ']' : host) + ':' + std::to_string(s.port);
    const bool named = std::ranges::find(s.hosts, host) != s.hosts.end();
    // Without IPv6 in the kernel the rest is served all the same.
    all.push_back({"tcp://" + rest, named || !is_v6(host)});
    if (s.udp) all.push_back({"udp://" + rest, named || !is_v6(host)});
  }
  return all;
}

// PROGRAM[:VERSION[:PROCEDURE]], whose characters have been looked at.
binder::allowed_remote_call parse_allowed(std::string_view text) {
  std::array<std::optional<std::uint32_t>, 3> numbers;
  for (auto& number : numbers) {
    const auto part = text.substr(0, text.find(':'));
    std::uint32_t value = 0;
    const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), value);
    if (error != std::errc{} || end != part.data() + part.size()) {
      throw std::runtime_error{"--allow-remote-call: not a number: " + std::string{part}};
    }
    number = value;
    if (part.size() == text.size()) break;
    text.remove_prefix(part.size() + 1);
  }
  return {.program = *numbers[0], .version = numbers[1], .procedure = numbers[2]};
}

void listen(const settings& s, rpc::server& server, binder::binder& book) {
  const auto opened = [&](const rpc::address& where) {
    std::cout << "listening at " << where.text() << '\n';
    // An abstract socket is another way to the path of the same name, and needs no entry.
    if (where.kind != rpc::address::transport::abstract || s.socket.empty()) book.add_own(where);
  };
  // What systemd has opened is all that is wanted.
  const auto activated = server.listen_activated();
  for (const auto& where : activated) opened(where);
  if (!activated.empty()) return;
  // Everybody may connect to the UNIX socket: who it is decides what is answered.
  const mode_t before = ::umask(0);
  for (const auto& [text, must_be] : addresses_of(s)) {
    try {
      opened(server.listen(text));
    } catch (const std::system_error& e) {
      if (must_be) throw;
      std::cerr << "tryst-rpcbind: goes on without " << e.what() << '\n';
    }
  }
  ::umask(before);
}

// Tells systemd that clients may come (sd_notify(3)); nothing, where nobody asked.
void notify_ready() {
  const char* const name = std::getenv("NOTIFY_SOCKET");
  if (name == nullptr || (*name != '/' && *name != '@')) return;
  sockaddr_un to{};
  to.sun_family = AF_UNIX;
  const std::size_t size = std::strlen(name);
  if (size >= sizeof to.sun_path) return;
  std::memcpy(to.sun_path, name, size);
  if (*name == '@') to.sun_path[0] = '\0';
  const int out = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (out < 0) return;
  const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + size);
  constexpr std::string_view ready = "READY=1";
  ::sendto(out, ready.data(), ready.size(), MSG_NOSIGNAL, reinterpret_cast<sockaddr*>(&to), length);
  ::close(out);
}

int serve(const settings& s) {
  const auto who = user_to_become(s.user);
  std::optional<state_directory> state;
  if (!s.state.empty()) state.emplace(s.state, who);

  epoll_loop loop;
  std::optional<state_keeper> keeper;
  if (state) keeper.emplace(loop, *state);
  const binder::presence there;
  bool started = false;
  binder::binder_options how;
  how.limits.entries = s.entries;
  how.limits.entries_of_owner = s.entries_of_owner;
  how.unsafe_loopback_registration = s.unsafe_loopback_registration;
  how.is_served = std::cref(there);
  how.remote_calls.home = &loop;
  for (const auto& text : s.allow_remote_calls) {
    how.remote_calls.allowed.push_back(parse_allowed(text));
  }
  how.on_change = [&](const binder::registry& entries) {
    if (!started) return;
    if (keeper) keeper->changed(entries);
    if (s.verbose) std::cout << entries.entries().size() << " entries" << std::endl;
  };
  binder::binder book{std::move(how)};
  rpc::server server{
      loop, {.connections = s.connections, .connections_per_address = s.connections_per_address}};
  book.serve_in(server.services());
  termination on_signal{
      loop, [&] { server.drain(std::chrono::seconds{5}, [&](std::uint64_t) { loop.stop(); }); }};
  listen(s, server, book);
  if (who) become(*who);
  if (keeper) keeper->restore(book, std::cref(there));
  started = true;
  std::optional<metrics_writer> metrics;
  if (!s.metrics.empty()) metrics.emplace(loop, s.metrics, book, server);
  notify_ready();
  std::cout << "ready" << std::endl;
  loop.run();
  return 0;
}

}  // namespace
}  // namespace tryst::rpcbind

int main(int argc, char** argv) {
  const auto parsed = tryst::rpcbind::parse_settings(argc, argv);
  if (!parsed.chosen) return parsed.status;
  try {
    return tryst::rpcbind::serve(*parsed.chosen);
  } catch (const std::exception& e) {
    std::cerr << "tryst-rpcbind: " << e.what() << '\n';
    return 1;
  }
}
