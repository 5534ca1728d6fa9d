#include "running_server.hpp"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <system_error>

extern char** environ;

namespace nfsd_test {
namespace {

struct child {
  int pid;
  int output;  ///< what it writes
};

// Programs are found in PATH. Their input is empty.
child start(const std::vector<std::string>& command) {
  std::vector<char*> arguments;
  for (const std::string& argument : command)
    arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  std::array<int, 2> pipe{};
  if (::pipe2(pipe.data(), O_CLOEXEC) != 0)
    throw std::system_error{errno, std::generic_category(), "pipe2"};
  ::posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  ::posix_spawn_file_actions_adddup2(&actions, pipe[1], 1);
  ::posix_spawn_file_actions_adddup2(&actions, pipe[1], 2);
  child started{-1, pipe[0]};
  const int error =
      ::posix_spawnp(&started.pid, arguments[0], &actions, nullptr, arguments.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  ::close(pipe[1]);
  if (error != 0) {
    ::close(pipe[0]);
    throw std::system_error{error, std::generic_category(), command[0]};
  }
  return started;
}

int wait_for(int pid) {
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

// Reads one more piece; false at the end.
bool read_more(int fd, std::string& into) {
  std::array<char, 65536> piece;
  const ssize_t size = ::read(fd, piece.data(), piece.size());
  if (size < 0 && errno == EINTR) return true;
  if (size <= 0) return false;
  into.append(piece.data(), static_cast<std::size_t>(size));
  return true;
}

// The number behind `label` in what the server says.
std::uint16_t port_in(const std::string& greeting, const std::string& label) {
  const auto at = greeting.find(label);
  if (at == greeting.npos) throw std::runtime_error{"the server said: " + greeting};
  return static_cast<std::uint16_t>(std::stoi(greeting.substr(at + label.size())));
}

}  // namespace

finished run(const std::vector<std::string>& command) {
  const child program = start(command);
  finished result;
  while (read_more(program.output, result.output)) {
  }
  ::close(program.output);
  result.status = wait_for(program.pid);
  return result;
}

finished run_as_ordinary_user(std::vector<std::string> command) {
  if (::geteuid() == 0)
    command.insert(command.begin(),
                   {"setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"});
  return run(command);
}

running_server::running_server(const std::filesystem::path& directory,
                               const std::filesystem::path& state,
                               const std::vector<std::string>& options)
    : directory_{std::filesystem::canonical(directory).string()} {
  std::vector<std::string> command{NFS3_SERVER,    "--export",   directory_, "--state",
                                   state.string(), "--nfs-port", "0"};
  command.insert(command.end(), options.begin(), options.end());
  const child server = start(command);
  pid_ = server.pid;
  // The mount port is the last that it says.
  const auto is_complete = [this] {
    const auto last = greeting_.find("mount port ");
    return last != greeting_.npos && greeting_.find('\n', last) != greeting_.npos;
  };
  while (!is_complete() && read_more(server.output, greeting_)) {
  }
  output_ = server.output;
  nfs_port_ = port_in(greeting_, "nfs port ");
  mount_port_ = port_in(greeting_, "mount port ");
}

running_server::~running_server() {
  if (pid_ >= 0) {
    ::kill(pid_, SIGKILL);
    wait_for(pid_);
  }
  // Not before: a server that has something to report must find somebody to report it to.
  ::close(output_);
}

std::string running_server::url(const std::string& name, const std::string& more) const {
  return "nfs://127.0.0.1" + directory_ + (name.empty() ? "" : "/" + name) +
         "?nfsport=" + std::to_string(nfs_port_) + "&mountport=" + std::to_string(mount_port_) +
         more;
}

int running_server::stop() {
  ::kill(pid_, SIGTERM);
  const int status = wait_for(pid_);
  pid_ = -1;
  return status;
}

}  // namespace nfsd_test
