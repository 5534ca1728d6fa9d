#include "support/peer_process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <stdexcept>
#include <system_error>
#include <utility>

namespace tryst::test {
namespace {

[[noreturn]] void throw_last_error(const std::string& what) {
  throw std::system_error{errno, std::generic_category(), what};
}

/// A pipe, to read from and to write to; neither end is inherited by chance.
std::pair<int, int> make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw_last_error("pipe2");
  return {ends[0], ends[1]};
}

void close_once(int& descriptor) {
  if (descriptor >= 0) ::close(std::exchange(descriptor, -1));
}

}  // namespace

peer_process::peer_process(std::vector<std::string> argv) : name_{argv.at(0)} {
  auto [output, output_end] = make_pipe();
  auto [errors, errors_end] = make_pipe();
  output_ = output;
  errors_ = errors;
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  ::posix_spawn_file_actions_adddup2(&actions, output_end, STDOUT_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, errors_end, STDERR_FILENO);
  std::vector<char*> arguments;
  for (std::string& each : argv) arguments.push_back(each.data());
  arguments.push_back(nullptr);
  const int failed =
      ::posix_spawnp(&pid_, name_.c_str(), &actions, nullptr, arguments.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  close_once(output_end);
  close_once(errors_end);
  if (failed != 0) {
    pid_ = -1;
    close_once(output_);
    close_once(errors_);
    throw std::system_error{failed, std::generic_category(), "cannot run " + name_};
  }
}

peer_process::~peer_process() {
  if (pid_ > 0) {
    ::kill(pid_, SIGKILL);
    reap();
  }
  close_once(output_);
  close_once(errors_);
}

void peer_process::reap() {
  while (::waitpid(pid_, &status_, 0) < 0 && errno == EINTR) {
  }
  pid_ = -1;
}

void peer_process::fail(const std::string& why) {
  throw std::runtime_error{name_ + ": " + why + "; it said:\n" + said_};
}

bool peer_process::read_more() {
  if (output_ < 0 && errors_ < 0) return false;
  std::array<pollfd, 2> waiting{pollfd{.fd = output_, .events = POLLIN, .revents = 0},
                                pollfd{.fd = errors_, .events = POLLIN, .revents = 0}};
  const auto at_most = std::chrono::milliseconds{patience}.count();
  const int ready = ::poll(waiting.data(), waiting.size(), static_cast<int>(at_most));
  if (ready == 0) fail("no word in time");
  if (ready < 0) return errno == EINTR;
  for (const auto& [descriptor, wanted, found] : waiting) {
    if (found == 0) continue;
    std::array<char, 4096> bytes;
    const ssize_t n = ::read(descriptor, bytes.data(), bytes.size());
    int& end = descriptor == output_ ? output_ : errors_;
    if (n <= 0) {
      close_once(end);
      continue;
    }
    const std::string_view text{bytes.data(), static_cast<std::size_t>(n)};
    said_ += text;
    if (descriptor == output_) unread_ += text;
  }
  return true;
}

std::string peer_process::wait_for(std::string_view start) {
  for (;;) {
    for (auto end = unread_.find('\n'); end != std::string::npos; end = unread_.find('\n')) {
      const std::string line = unread_.substr(0, end);
      unread_.erase(0, end + 1);
      if (line.starts_with(start)) return line.substr(start.size());
    }
    if (!read_more()) fail("ended before it said '" + std::string{start} + "'");
  }
}

std::string peer_process::finish() {
  while (read_more()) {
  }
  reap();
  if (!WIFEXITED(status_)) fail("ended by signal " + std::to_string(WTERMSIG(status_)));
  if (WEXITSTATUS(status_) != 0) fail("exit(" + std::to_string(WEXITSTATUS(status_)) + ")");
  return std::exchange(unread_, {});
}

std::string output_of(std::vector<std::string> argv) {
  return peer_process{std::move(argv)}.finish();
}

scratch_directory::scratch_directory() {
  std::string name = std::filesystem::temp_directory_path() / "tryst-XXXXXX";
  if (::mkdtemp(name.data()) == nullptr) throw_last_error("mkdtemp");
  path_ = name;
}

scratch_directory::~scratch_directory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace tryst::test
