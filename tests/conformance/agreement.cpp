#include "conformance/agreement.hpp"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <vector>

// libtirpc allocates what a length claims before it looks whether the bytes are there; spoilt
// bytes may claim 4 GiB. AddressSanitizer takes its limit from here, other builds from setrlimit.
extern "C" const char* __asan_default_options();
extern "C" const char* __asan_default_options() {
  return "allocator_may_return_null=1:max_allocation_size_mb=64";
}

namespace tryst::conformance {
namespace {

constexpr int random_values = 100;
constexpr int spoilt_values = 300;

/// While it lives, memory is short, and what libtirpc says about that to stderr is not heard.
class short_of_memory {
public:
  short_of_memory() : stderr_{dup(STDERR_FILENO)} {
    const int nowhere = open("/dev/null", O_WRONLY);
    dup2(nowhere, STDERR_FILENO);
    close(nowhere);
#ifndef __SANITIZE_ADDRESS__
    getrlimit(RLIMIT_AS, &before_);
    rlimit limited = before_;
    limited.rlim_cur = std::min<rlim_t>(before_.rlim_max, rlim_t{96} << 20);
    setrlimit(RLIMIT_AS, &limited);
#endif
  }
  short_of_memory(const short_of_memory&) = delete;
  ~short_of_memory() {
#ifndef __SANITIZE_ADDRESS__
    setrlimit(RLIMIT_AS, &before_);
#endif
    dup2(stderr_, STDERR_FILENO);
    close(stderr_);
  }

private:
  int stderr_;
  rlimit before_{};
};

using bytes = std::vector<std::byte>;

bytes copy_of(const xdr::byte_buffer& buffer) {
  return {buffer.data(), buffer.data() + buffer.size()};
}

/// What C makes of bytes: nothing, when it turns them down or does not use them up, else the
/// bytes that it writes for the value.
std::optional<bytes> again_by_c(const routine& c, bytes in) {
  const auto release = [](void* value) { std::free(value); };
  const std::unique_ptr<void, decltype(release)> value{std::calloc(1, c.size + 1), release};
  XDR xdrs;
  xdrmem_create(&xdrs, reinterpret_cast<char*>(in.data()), static_cast<u_int>(in.size()),
                XDR_DECODE);
  const bool read = c.code(&xdrs, value.get()) != 0 && xdr_getpos(&xdrs) == in.size();
  std::optional<bytes> out;
  if (read) {
    out.emplace(in.size() + 16);
    xdrmem_create(&xdrs, reinterpret_cast<char*>(out->data()), static_cast<u_int>(out->size()),
                  XDR_ENCODE);
    EXPECT_TRUE(c.code(&xdrs, value.get()) != 0) << "C cannot write what it read";
    out->resize(xdr_getpos(&xdrs));
  }
  xdr_free(c.code, value.get());
  return out;
}

std::string hex(const bytes& of) {
  std::string text;
  char digits[4];
  for (std::size_t i = 0; i < of.size(); ++i) {
    std::snprintf(digits, sizeof digits, i % 4 == 0 ? " %02x" : "%02x",
                  static_cast<unsigned>(of[i]));
    text += digits;
  }
  return text;
}

/// A small change that a decoder has to notice or live with: a word that becomes another small
/// one, a byte, a cut, a word too many.
bytes spoilt(bytes from, testing::random_source& source) {
  if (from.empty()) return bytes(4);
  const std::size_t word = source.below((from.size() + 3) / 4) * 4;
  switch (source.below(6)) {
    case 0:
      from[source.below(from.size())] ^= static_cast<std::byte>(1u << source.below(8));
      break;
    case 1:
      from.resize(source.below(from.size()));
      break;
    case 2:
      from.resize(from.size() + 4);
      break;
    case 3:
      for (std::size_t i = word; i < std::min(word + 4, from.size()); ++i) from[i] = std::byte{0};
      break;
    default:
      for (std::size_t i = word; i < std::min(word + 3, from.size()); ++i) from[i] = std::byte{0};
      if (word + 3 < from.size()) from[word + 3] = static_cast<std::byte>(source.below(20));
  }
  return from;
}

void expect_same_bytes(const coded_type& ours, const routine& c, testing::random_source& source) {
  const bytes wire = copy_of(ours.random(source));
  const std::optional<bytes> by_c = again_by_c(c, wire);
  ASSERT_TRUE(by_c) << "C does not read" << hex(wire);
  ASSERT_EQ(*by_c, wire) << "ours" << hex(wire) << "\nC   " << hex(*by_c);
  const auto by_us = ours.again(*by_c, false);
  ASSERT_TRUE(by_us) << by_us.error().message() << ": ours does not read" << hex(*by_c);
  ASSERT_EQ(copy_of(*by_us), wire);
}

void expect_same_judgement(const coded_type& ours, const routine& c, const bytes& wire) {
  const std::optional<bytes> by_c = again_by_c(c, wire);
  const auto by_us = ours.again(wire, true);
  if (by_us) {
    // Ours is never more lenient than C.
    ASSERT_TRUE(by_c) << "ours reads what C does not:" << hex(wire);
    ASSERT_EQ(*by_c, copy_of(*by_us)) << "of" << hex(wire) << "\nC" << hex(*by_c);
  }
  if (by_c) {
    // What C writes is canonical, but for numbers that an enum does not have, and for bools in
    // runs that rpcgen inlines: C keeps both as they came (RFC 4506 §4.3 calls that an error).
    const auto by_us_of_c = ours.again(*by_c, false);
    if (by_us_of_c)
      ASSERT_EQ(copy_of(*by_us_of_c), *by_c);
    else
      ASSERT_TRUE(by_us_of_c.error() == errc::enum_invalid ||
                  by_us_of_c.error() == errc::bool_invalid)
          << by_us_of_c.error().message() << ": C wrote" << hex(*by_c);
  }
}

}  // namespace

void expect_agreement(const std::vector<std::vector<coded_type>>& parts, const routine* routines) {
  const short_of_memory while_testing;
  testing::random_source source{4506};
  for (std::size_t i = 0; routines[i].type != nullptr; ++i) {
    SCOPED_TRACE(routines[i].type);
    const coded_type& type = parts[i % parts.size()].at(i / parts.size());
    for (int n = 0; n < random_values && !::testing::Test::HasFatalFailure(); ++n)
      expect_same_bytes(type, routines[i], source);
    for (int n = 0; n < spoilt_values && !::testing::Test::HasFatalFailure(); ++n)
      expect_same_judgement(type, routines[i], spoilt(copy_of(type.random(source)), source));
  }
}

}  // namespace tryst::conformance
