// A server in a process of its own, so that a test can read its memory, and end it.
#pragma once

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <fstream>
#include <functional>
#include <string>
#include <tryst/epoll_loop.hpp>
#include <tryst/rpc/server.hpp>

#include "support/calculator.hpp"

namespace tryst::tests {

/// Forks: make it before the test starts a thread.
class child_server {
public:
  explicit child_server(rpc::server_options options, std::string where = "tcp://127.0.0.1:0") {
    std::array<int, 2> ends{};
    EXPECT_EQ(::pipe(ends.data()), 0);
    process_ = ::fork();
    if (process_ == 0) serve(ends[1], std::move(options), where);
    ::close(ends[1]);
    std::array<char, 256> text{};
    const ssize_t n = ::read(ends[0], text.data(), text.size());
    ::close(ends[0]);
    EXPECT_GT(n, 0);
    where_ = *rpc::address::parse({text.data(), static_cast<std::size_t>(n)});
  }

  ~child_server() {
    ::kill(process_, SIGKILL);
    ::waitpid(process_, nullptr, 0);
  }
  child_server(const child_server&) = delete;
  child_server& operator=(const child_server&) = delete;

  const rpc::address& where() const { return where_; }

  /// Resident memory in bytes.
  std::uint64_t memory() const {
    std::ifstream file{"/proc/" + std::to_string(process_) + "/statm"};
    std::uint64_t pages = 0;
    std::uint64_t resident = 0;
    file >> pages >> resident;
    return resident * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  }

private:
  [[noreturn]] static void serve(int tell, rpc::server_options options, const std::string& where) {
    epoll_loop loop;
    rpc::server s{loop, std::move(options)};
    s.serve<calc::CALC_V1>(calculator{});
    const std::string bound = s.listen(where).text();
    if (::write(tell, bound.data(), bound.size()) < 0) ::_exit(1);
    ::close(tell);
    loop.run();
    ::_exit(0);
  }

  pid_t process_ = -1;
  rpc::address where_;
};

}  // namespace tryst::tests
