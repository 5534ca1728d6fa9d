// The number by which clients learn that unstable writes may be lost (RFC 1813 §3.3.7).
#pragma once

#include <sys/random.h>

#include <atomic>
#include <cstdint>
#include <cstring>

#include "nfs3.hpp"

namespace nfsd {

/// Another one at each start of the server, and after each failure to bring data to the disk. Any
/// thread may ask.
class write_verifier {
public:
  write_verifier() { renew(); }

  nfs3::writeverf3 current() const {
    const std::uint64_t value = value_.load();
    nfs3::writeverf3 verifier;
    std::memcpy(verifier.data(), &value, sizeof value);
    return verifier;
  }
  /// Clients send again what they have not committed.
  void renew() {
    std::uint64_t drawn = 0;
    // Where there are no random numbers yet, the old one's successor is another one too.
    if (::getrandom(&drawn, sizeof drawn, 0) != sizeof drawn) drawn = value_.load() + 1;
    value_.store(drawn);
  }

private:
  std::atomic<std::uint64_t> value_{0};
};

}  // namespace nfsd
