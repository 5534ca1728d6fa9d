// An open file of the operating system, closed when it goes out of scope.
#pragma once

#include <unistd.h>

#include <utility>

namespace nfsd {

/// Owns a file descriptor, or none (-1). Movable, not copyable.
class descriptor {
public:
  descriptor() = default;
  explicit descriptor(int fd) : fd_{fd} {}
  descriptor(descriptor&& other) noexcept : fd_{std::exchange(other.fd_, -1)} {}
  descriptor& operator=(descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }

  /// The number, still owned here; -1 when there is none.
  int number() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }
  /// Gives the number away: the caller closes it.
  int release() { return std::exchange(fd_, -1); }

private:
  int fd_ = -1;
};

}  // namespace nfsd
