// The server as a process of its own, and the stock clients of libnfs-utils against it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace nfsd_test {

/// How a program ended, and what it wrote (standard output and error together).
struct finished {
  int status = -1;  ///< the exit status; 128 and the signal when one ended it
  std::string output;
};

/// Runs a program to its end. When the test runs as root the program runs as nobody, so that what
/// is tested is an ordinary user's client.
finished run_as_ordinary_user(std::vector<std::string> command);
finished run(const std::vector<std::string>& command);

/// nfs3_server over one directory, on free ports; killed at the end if it still runs.
class running_server {
public:
  /// Starts it and waits for its ports.
  running_server(const std::filesystem::path& directory, const std::filesystem::path& state,
                 const std::vector<std::string>& options = {});
  running_server(const running_server&) = delete;
  running_server& operator=(const running_server&) = delete;
  ~running_server();

  /// What it says at its start.
  const std::string& greeting() const { return greeting_; }
  std::uint16_t nfs_port() const { return nfs_port_; }
  std::uint16_t mount_port() const { return mount_port_; }
  /// For libnfs: the export, or `name` in it, and further parameters ("&uid=0").
  std::string url(const std::string& name = {}, const std::string& more = {}) const;

  /// Sends SIGTERM and waits; its exit status.
  int stop();

private:
  std::string directory_;
  int pid_ = -1;
  int output_ = -1;
  std::string greeting_;
  std::uint16_t nfs_port_ = 0;
  std::uint16_t mount_port_ = 0;
};

}  // namespace nfsd_test
