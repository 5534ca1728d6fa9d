// rstat_server: tells the statistics of this host to rup and its like.
#include <signal.h>

#include <CLI/CLI.hpp>
#include <iostream>
#include <string>
#include <tryst/binder/announcement.hpp>
#include <tryst/epoll_loop.hpp>
#include <tryst/rpc/server.hpp>
#include <vector>

#include "rstat_service.hpp"

namespace {

struct settings {
  std::vector<std::string> hosts{"127.0.0.1"};
  std::filesystem::path proc{"/proc"};
  bool own_binder = false;
};

using tryst::rpc::address;

std::vector<std::string> addresses(const std::vector<std::string>& hosts, std::uint16_t port) {
  std::vector<std::string> all;
  for (const auto& host : hosts) {
    for (const auto kind : {address::transport::udp, address::transport::tcp}) {
      all.push_back(address{.kind = kind, .host = host, .port = port, .path = {}}.text());
    }
  }
  return all;
}

// SIGTERM and SIGINT, which end a server in good order. Blocked before any other thread is made.
sigset_t block_ending() {
  sigset_t signals;
  ::sigemptyset(&signals);
  ::sigaddset(&signals, SIGTERM);
  ::sigaddset(&signals, SIGINT);
  ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  return signals;
}

void serve(const settings& chosen) {
  constexpr std::uint16_t port_of_binders = 111;
  const sigset_t ending = block_ending();
  tryst::loop_thread loop;
  tryst::rpc::server server{loop};
  server.serve<rstat::RSTATVERS_TIME>(rstat_example::rstat3_service{chosen.proc});
  server.serve<rstat::RSTATVERS_VAR>(rstat_example::rstat4_service{chosen.proc});
  std::vector<address> where;
  for (const auto& at : addresses(chosen.hosts, 0)) where.push_back(server.listen(at));
  tryst::binder::announcement_options options;
  if (chosen.own_binder) options.embed_at = addresses(chosen.hosts, port_of_binders);
  const tryst::binder::announcement known{server, where, std::move(options)};
  for (const auto& at : where) std::cout << at.text() << '\n';
  std::cout << (known.own_binder().empty() ? "registered" : "bound by itself") << std::endl;
  int which = 0;
  ::sigwait(&ending, &which);
}

}  // namespace

int main(int argc, char** argv) {
  settings chosen;
  CLI::App app{"Tells the statistics of this host (rstat, versions 3 and 4): rup 127.0.0.1"};
  app.add_option("--listen", chosen.hosts, "Numeric addresses to listen at")->capture_default_str();
  app.add_option("--proc", chosen.proc, "Where /proc is mounted")
      ->check(CLI::ExistingDirectory)
      ->capture_default_str();
  app.add_flag("--own-binder", chosen.own_binder,
               "If this host has no binder, be one, at port 111 of these addresses");
  CLI11_PARSE(app, argc, argv);
  try {
    serve(chosen);
    return 0;
  } catch (const std::exception& e) {
    std::cerr << "rstat_server: " << e.what() << '\n';
    return 1;
  }
}
