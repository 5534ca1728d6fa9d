// rstat_server: tells the statistics of this host to rup and its like.
#include <CLI/CLI.hpp>
#include <iostream>
#include <string>
#include <thread>
#include <tryst/epoll_loop.hpp>
#include <tryst/rpc/server.hpp>
#include <vector>

#include "rstat_service.hpp"
#include "serving/announcement.hpp"
#include "serving/termination.hpp"

namespace {

struct settings {
  std::vector<std::string> hosts{"127.0.0.1"};
  std::filesystem::path proc{"/proc"};
  bool own_binder = false;
};

void serve(const settings& chosen) {
  const serving::termination ending;
  tryst::epoll_loop loop;
  tryst::rpc::server server{loop};
  server.serve<rstat::RSTATVERS_TIME>(rstat_example::rstat3_service{chosen.proc});
  server.serve<rstat::RSTATVERS_VAR>(rstat_example::rstat4_service{chosen.proc});
  std::vector<tryst::rpc::address> where;
  for (const auto& host : chosen.hosts) {
    for (const char* transport : {"udp", "tcp"}) {
      where.push_back(server.listen(serving::address_text(transport, host, 0)));
    }
  }
  const serving::announcement announced{loop,
                                        {rstat::RSTATVERS_TIME::id, rstat::RSTATVERS_VAR::id},
                                        where,
                                        {chosen.own_binder, chosen.hosts}};
  std::jthread running{[&] { loop.run(); }};
  for (const auto& address : where) std::cout << address.text() << '\n';
  std::cout << (announced.has_own_binder() ? "bound by itself" : "registered") << std::endl;
  ending.wait();
  loop.stop();
  running.join();
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
