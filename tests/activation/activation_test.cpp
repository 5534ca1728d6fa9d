#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <tryst/epoll_loop.hpp>
#include <tryst/rpc/client.hpp>
#include <tryst/rpc/server.hpp>

#include "support/calculator.hpp"

namespace tryst::rpc {
namespace {

// systemd-socket-activate listening on a socket in a folder of the test's own.
class activator {
public:
  activator() {
    std::string pattern = "/tmp/tryst-activation-XXXXXX";
    folder_ = ::mkdtemp(pattern.data());
    path = folder_ + "/socket";
    process_ = ::fork();
    if (process_ == 0) {
      ::execlp("systemd-socket-activate", "systemd-socket-activate", "-l", path.c_str(),
               ACTIVATED_SERVER, nullptr);
      ::_exit(127);
    }
    for (int i = 0; i < 10'000 && !takes_connections(); ++i) {
      pollfd none{.fd = -1, .events = 0, .revents = 0};
      ::poll(&none, 1, 1);
      if (::waitpid(process_, nullptr, WNOHANG) == process_) break;
    }
  }

  ~activator() {
    ::kill(process_, SIGTERM);
    ::waitpid(process_, nullptr, 0);
    std::filesystem::remove_all(folder_);
  }
  activator(const activator&) = delete;
  activator& operator=(const activator&) = delete;

  std::string path;

  // Its socket is there before it listens. What was connected here says nothing to the server.
  bool takes_connections() const {
    sockaddr_un where{.sun_family = AF_UNIX, .sun_path = {}};
    path.copy(where.sun_path, sizeof where.sun_path - 1);
    const int tried = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const bool connected =
        ::connect(tried, reinterpret_cast<const sockaddr*>(&where), sizeof where) == 0;
    ::close(tried);
    return connected;
  }

private:
  std::string folder_;
  pid_t process_ = -1;
};

TEST(Activation, AServerRunsFromSystemdSocketActivate) {
  const activator systemd;
  ASSERT_TRUE(systemd.takes_connections())
      << "systemd-socket-activate does not run: is the package systemd installed?";
  loop_thread loop;
  client c{loop, "unix:" + systemd.path};
  EXPECT_EQ((calc::CALC_V1::stub{c}.ADD({2, 3}).get()), 5);
}

TEST(Activation, SocketsForAnotherProcessAreNotTaken) {
  ::setenv("LISTEN_PID", "1", 1);
  ::setenv("LISTEN_FDS", "1", 1);
  epoll_loop loop;
  server s{loop};
  EXPECT_TRUE(s.listen_activated().empty());
  EXPECT_EQ(std::getenv("LISTEN_FDS"), nullptr);
}

}  // namespace
}  // namespace tryst::rpc
