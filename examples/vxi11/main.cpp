// vxi11_instrument: an instrument that can say what it is, for lxi and its like.
#include <signal.h>

#include <CLI/CLI.hpp>
#include <iostream>
#include <string>
#include <tryst/binder/announcement.hpp>
#include <tryst/epoll_loop.hpp>
#include <tryst/rpc/server.hpp>
#include <vector>

#include "device_services.hpp"

namespace {

struct settings {
  std::string host{"127.0.0.1"};
  std::string identification{"tryst,VXI-11 example,0,0.1.0"};
  bool own_binder = false;
};

using tryst::rpc::address;

std::string at(address::transport kind, const std::string& host, std::uint16_t port) {
  return address{.kind = kind, .host = host, .port = port, .path = {}}.text();
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
  vxi11_example::instrument device{chosen.identification};
  vxi11_example::links links;
  tryst::loop_thread loop;

  // Nobody looks for the abort channel: who makes a link is told its port.
  tryst::rpc::server abort_server{loop};
  abort_server.serve<vxi11::DEVICE_ASYNC_VERSION>(vxi11_example::device_async{links});
  const auto abort_at = abort_server.listen(at(address::transport::tcp, chosen.host, 0));

  tryst::rpc::server server{loop};
  server.serve<vxi11::DEVICE_CORE_VERSION>(
      vxi11_example::device_core{device, links, abort_at.port});
  const auto core_at = server.listen(at(address::transport::tcp, chosen.host, 0));
  tryst::binder::announcement_options options;
  if (chosen.own_binder) {
    options.embed_at = {at(address::transport::tcp, chosen.host, port_of_binders),
                        at(address::transport::udp, chosen.host, port_of_binders)};
  }
  const tryst::binder::announcement known{server, {core_at}, std::move(options)};
  std::cout << core_at.text() << '\n'
            << (known.own_binder().empty() ? "registered" : "bound by itself") << std::endl;
  int which = 0;
  ::sigwait(&ending, &which);
}

}  // namespace

int main(int argc, char** argv) {
  settings chosen;
  CLI::App app{"An instrument (VXI-11): lxi scpi --address 127.0.0.1 '*IDN?'"};
  app.add_option("--listen", chosen.host, "Numeric address to listen at")->capture_default_str();
  app.add_option("--identification", chosen.identification,
                 "What it answers to *IDN?: maker, model, serial number, version")
      ->capture_default_str();
  app.add_flag("--own-binder", chosen.own_binder,
               "If this host has no binder, be one, at port 111 of that address");
  CLI11_PARSE(app, argc, argv);
  try {
    serve(chosen);
    return 0;
  } catch (const std::exception& e) {
    std::cerr << "vxi11_instrument: " << e.what() << '\n';
    return 1;
  }
}
