// A directory that lives as long as a test, and the people who use it.
#pragma once

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "access.hpp"

namespace nfsd_test {

/// Made at the start, with the umask that the server has, and removed at the end.
class temporary_tree {
public:
  temporary_tree() : former_umask_{::umask(0)} {
    std::string name = (std::filesystem::temp_directory_path() / "nfs3-test.XXXXXX").string();
    path_ = ::mkdtemp(name.data());
    ::chmod(path_.c_str(), 0755);
  }
  temporary_tree(const temporary_tree&) = delete;
  temporary_tree& operator=(const temporary_tree&) = delete;
  ~temporary_tree() {
    ::umask(former_umask_);
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  std::filesystem::path operator/(const std::string& name) const { return path_ / name; }
  const std::filesystem::path& path() const { return path_; }

  /// Makes a file, with the directories above it.
  std::filesystem::path write(const std::string& name, const std::string& text,
                              mode_t mode = 0644) const {
    std::filesystem::create_directories((path_ / name).parent_path());
    std::ofstream{path_ / name, std::ios::binary} << text;
    ::chmod((path_ / name).c_str(), mode);
    return path_ / name;
  }
  std::string read(const std::string& name) const {
    std::ifstream in{path_ / name, std::ios::binary};
    return {std::istreambuf_iterator<char>{in}, {}};
  }
  std::filesystem::path make_directory(const std::string& name, mode_t mode = 0755) const {
    std::filesystem::create_directories(path_ / name);
    ::chmod((path_ / name).c_str(), mode);
    return path_ / name;
  }

private:
  mode_t former_umask_;
  std::filesystem::path path_;
};

/// The user who runs the test.
inline nfsd::caller me() { return {::geteuid(), ::getegid(), {}}; }
/// Somebody who owns nothing and is in no group of anybody.
inline nfsd::caller stranger() { return {54321, 54321, {}}; }

/// The errno of a failed result; 0 of one that succeeded.
template <class Result>
int error_of(const Result& result) {
  return result ? 0 : result.error().value();
}

}  // namespace nfsd_test
