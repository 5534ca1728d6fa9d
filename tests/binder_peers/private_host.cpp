#include "binder_peers/private_host.hpp"

#include <stdexcept>

namespace tryst::tests {
namespace {

constexpr const char* setup = R"(
mount --make-rprivate /
mount -t tmpfs tmpfs /run
mkdir -p /run/rpcbind /run/bin
cp "$0" /run/bin/binder_tool
ip link set lo up
ip link add outer0 type veth peer name outer1
ip addr add 192.0.2.1/24 dev outer0
ip addr add 2001:db8::1/64 dev outer0 nodad
ip link set outer0 up
ip link set outer1 up
)";

}  // namespace

private_host::private_host() : private_network{setup, BINDER_TOOL} {}

std::unique_ptr<test::peer_process> private_host::start_ours(
    std::vector<std::string> options) const {
  options.insert(options.begin(), TRYST_RPCBIND);
  auto daemon = start(std::move(options));
  daemon->wait_for("ready");
  return daemon;
}

std::unique_ptr<test::peer_process> private_host::start_debians(
    std::vector<std::string> options) const {
  options.insert(options.begin(), {"rpcbind", "-f"});
  auto daemon = start(std::move(options));
  // It does not say when it is ready. It is, when it tells of all of its own twelve entries.
  run("for ((i = 0; i < 1000; ++i)); do [ $(rpcinfo 2>/dev/null | grep -c portmapper) = 12 ] && "
      "exit; "
      "read -rt 0.01 <> <(:); done; exit 1");
  return daemon;
}

std::string private_host::run(const std::string& line) const {
  return test::output_of(inside({"bash", "-c",
                                 "PATH=/run/bin:$PATH; exec 2>&1; ( " + line +
                                     " ); status=$?; [ $status = 0 ] || echo status $status"}));
}

void private_host::allow_broadcast() const {
  run("ip address change 192.0.2.1/24 broadcast + dev outer0; "
      "while ip address | grep -q tentative; do read -rt 0.01 <> <(:); done");
}

void private_host::wait_until_registered(const std::string& program) const {
  const auto never = run("for ((i = 0; i < 3000; ++i)); do rpcinfo | grep -q ' " + program +
                         " ' && exit; read -rt 0.01 <> <(:); done; rpcinfo; exit 1");
  if (!never.empty()) throw std::runtime_error{program + " never registered:\n" + never};
}

}  // namespace tryst::tests
