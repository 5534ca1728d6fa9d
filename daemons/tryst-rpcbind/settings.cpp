#include "settings.hpp"

#include <CLI/CLI.hpp>

namespace tryst::rpcbind {
namespace {

void declare(CLI::App& app, settings& s) {
  app.set_version_flag("--version", TRYST_VERSION);
  app.set_config("--config", "/etc/tryst-rpcbind.conf",
                 "A file of the same options, a line each: host = \"192.0.2.1\"");
  app.add_option("--host", s.hosts,
                 "Numeric address to serve TCP and UDP at, besides loopback; may be given several "
                 "times. Default: all addresses")
      ->check(CLI::ValidIPV4 | CLI::Validator{[](std::string& text) {
                                                return text.find(':') == text.npos
                                                           ? "not a numeric address"
                                                           : std::string{};
                                              },
                                              "IPV6"});
  app.add_option("--listen", s.listen,
                 "Whole address to serve at, in place of all others: tcp://127.0.0.1:1111, "
                 "udp://[::1]:1111, unix:/run/binder, unix:@name; may be given several times");
  app.add_option("--port", s.port, "Port of TCP and UDP")->capture_default_str();
  app.add_option("--socket", s.socket,
                 "UNIX socket, as a path and as the abstract name of the same letters; empty: none")
      ->capture_default_str();
  app.add_flag("--udp,!--no-udp", s.udp, "Serve UDP; on unless --no-udp is given");
  app.add_flag("--unsafe-loopback-registration", s.unsafe_loopback_registration,
               "Take registrations over IP's loopback: any local user can then remove and replace "
               "those of any program that registered so");
  app.add_option("--user", s.user,
                 "User to become when everything is open. Default, for root: the first of _rpc, "
                 "rpc and daemon that exists");
  app.add_option("--state", s.state,
                 "Directory that keeps the registrations for the next start; of this user's alone");
  app.add_option("--metrics", s.metrics,
                 "File to write counters to, in the text format of Prometheus, every 15 seconds");
  app.add_option("--connections", s.connections, "Connections at a time")->capture_default_str();
  app.add_option("--connections-per-address", s.connections_per_address,
                 "Connections at a time from one other host")
      ->capture_default_str();
  app.add_option("--entries", s.entries, "Registrations at a time")->capture_default_str();
  app.add_option("--entries-per-owner", s.entries_of_owner,
                 "Registrations at a time of one user other than root")
      ->capture_default_str();
  app.add_option("--allow-remote-call", s.allow_remote_calls,
                 "PROGRAM[:VERSION[:PROCEDURE]] that CALLIT, BCAST and INDIRECT may call here; may "
                 "be given several times. Default: none")
      ->check(CLI::Validator{[](std::string& text) {
                               const bool numbers =
                                   text.find_first_not_of("0123456789:") == text.npos;
                               return numbers ? std::string{} : "not PROGRAM:VERSION:PROCEDURE";
                             },
                             "CALL"});
  app.add_flag("--verbose", s.verbose, "Say each change of the registrations");
  app.footer(
      "Registers and finds the ports of ONC RPC programs: portmap version 2, rpcbind versions 3 "
      "and "
      "4\n(RFC 1833). Programs register over the UNIX socket, in the name of the user whom the "
      "kernel names.\nIt stays in the foreground; SIGTERM ends it. See tryst-rpcbind(8).");
}

}  // namespace

parsed_settings parse_settings(int argc, char** argv) {
  settings chosen;
  CLI::App app{"The binder of a system: which ONC RPC program is reached at which address."};
  app.name("tryst-rpcbind");
  declare(app, chosen);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    return {std::nullopt, app.exit(e)};
  }
  return {std::move(chosen), 0};
}

}  // namespace tryst::rpcbind
