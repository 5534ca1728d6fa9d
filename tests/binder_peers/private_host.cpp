#include "binder_peers/private_host.hpp"

#include <signal.h>

#include <charconv>
#include <filesystem>

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

std::unique_ptr<test::peer_process> private_host::start_debians() const {
  auto daemon = start({"rpcbind", "-f"});
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

}  // namespace tryst::tests
