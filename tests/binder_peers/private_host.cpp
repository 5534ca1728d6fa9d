#include "binder_peers/private_host.hpp"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <filesystem>
#include <stdexcept>
#include <system_error>

namespace tryst::tests {
namespace {

constexpr const char* setup = R"(
set -e
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
echo up
exec sleep infinity
)";

}  // namespace

private_host::private_host()
    : namespace_{{"unshare", "-n", "-m", "bash", "-c", setup, BINDER_TOOL}} {
  namespace_.wait_for("up");
}

private_host::~private_host() {
  namespace fs = std::filesystem;
  std::error_code gone;
  const auto ours = fs::read_symlink("/proc/" + std::to_string(namespace_.pid()) + "/ns/net", gone);
  if (gone) return;
  for (const auto& entry : fs::directory_iterator{"/proc", gone}) {
    const std::string name = entry.path().filename();
    pid_t process = 0;
    std::from_chars(name.data(), name.data() + name.size(), process);
    if (process == 0 || process == namespace_.pid()) continue;
    std::error_code ended;
    const auto its = fs::read_symlink(entry.path() / "ns/net", ended);
    if (!ended && its == ours) ::kill(process, SIGKILL);
  }
}

std::vector<std::string> private_host::inside(std::vector<std::string> argv) const {
  std::vector<std::string> all{"nsenter", "-t", std::to_string(namespace_.pid()), "-n", "-m", "--"};
  all.insert(all.end(), std::make_move_iterator(argv.begin()), std::make_move_iterator(argv.end()));
  return all;
}

std::unique_ptr<test::peer_process> private_host::start(std::vector<std::string> argv) const {
  return std::make_unique<test::peer_process>(inside(std::move(argv)));
}

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

inside_network::inside_network(const private_host& host)
    : outside_{::open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC)} {
  const auto path = "/proc/" + std::to_string(host.namespace_.pid()) + "/ns/net";
  const int inside = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  const int failed = ::setns(inside, CLONE_NEWNET) == 0 ? 0 : errno;
  ::close(inside);
  if (failed != 0) {
    ::close(outside_);
    throw std::system_error{failed, std::generic_category(), path};
  }
}

inside_network::~inside_network() {
  ::setns(outside_, CLONE_NEWNET);
  ::close(outside_);
}

}  // namespace tryst::tests
