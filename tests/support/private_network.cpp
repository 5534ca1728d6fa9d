#include "support/private_network.hpp"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <filesystem>
#include <iterator>
#include <system_error>

namespace tryst::test {
namespace {

// The network lives as long as a process in it.
std::string and_stay(const std::string& setup) {
  return "set -e\n" + setup + "\necho up\nexec sleep infinity\n";
}

}  // namespace

private_network::private_network(const std::string& setup, std::string argument)
    : namespace_{{"unshare", "-n", "-m", "bash", "-c", and_stay(setup), std::move(argument)}} {
  namespace_.wait_for("up");
}

private_network::~private_network() {
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

std::vector<std::string> private_network::inside(std::vector<std::string> argv) const {
  std::vector<std::string> all{"nsenter", "-t", std::to_string(namespace_.pid()), "-n", "-m", "--"};
  all.insert(all.end(), std::make_move_iterator(argv.begin()), std::make_move_iterator(argv.end()));
  return all;
}

std::unique_ptr<peer_process> private_network::start(std::vector<std::string> argv) const {
  return std::make_unique<peer_process>(inside(std::move(argv)));
}

inside_network::inside_network(const private_network& network)
    : outside_{::open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC)} {
  const auto path = "/proc/" + std::to_string(network.namespace_.pid()) + "/ns/net";
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

}  // namespace tryst::test
