// The XDR reader (RFC 4506): walks over bytes that a peer sent, never past their end, and records
// the first failure. Nothing is allocated before the message's budget is charged for it.
//
// Two ways in, as in writer.hpp: get_ members for a few words, the cursor for the codecs.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <system_error>
#include <tryst/error.hpp>
#include <tryst/xdr/byte_order.hpp>
#include <utility>

namespace tryst::xdr {

/// How a message is decoded.
struct decode_options {
  /// Accepts what old encoders send: padding that is not zero, a bool that is neither 0 nor 1,
  /// an enum's undeclared number, bytes behind the value. Never for credentials.
  bool lenient = false;
  /// How deep optional data and arrays may be nested in each other. A list, whose tail is its last
  /// member, counts once.
  std::uint32_t max_depth = 64;
  /// The bytes that the decoded value may allocate; 0 stands for default_budget of the message.
  std::uint64_t budget = 0;
};

/// 16 bytes of memory for a byte of the message and 64 KiB more, at most 64 MiB.
constexpr std::uint64_t default_budget(std::uint64_t wire_bytes) noexcept {
  constexpr std::uint64_t most = std::uint64_t{64} << 20;
  return wire_bytes >= most / 16 ? most
                                 : std::min(most, 16 * wire_bytes + (std::uint64_t{64} << 10));
}

/// Reads XDR out of a span, which must outlive it. After a failure nothing more can be read: every
/// get_ returns zero and remaining() is 0.
class reader {
public:
  explicit reader(std::span<const std::byte> bytes, const decode_options& options = {})
      : next_{bytes.empty() ? &nowhere : bytes.data()},
        end_{next_ + bytes.size()},
        budget_{options.budget != 0 ? options.budget : default_budget(bytes.size())},
        depth_left_{options.max_depth},
        lenient_{options.lenient} {}
  reader(const reader&) = delete;
  reader& operator=(const reader&) = delete;

  std::size_t remaining() const noexcept { return static_cast<std::size_t>(end_ - next_); }
  /// The next `n` bytes, in place and without padding; none, and a failure, when there are fewer.
  std::span<const std::byte> take(std::size_t n) noexcept {
    if (n > remaining()) return fail(errc::truncated), std::span<const std::byte>{};
    const std::byte* first = next_;
    next_ += n;
    return {first, n};
  }
  /// The bytes that have not been read, in place.
  std::span<const std::byte> rest() const noexcept { return {next_, remaining()}; }
  std::uint32_t get_u32() noexcept {
    const auto bytes = take(4);
    return bytes.empty() ? 0 : load_big<std::uint32_t>(bytes.data());
  }
  std::uint64_t get_u64() noexcept {
    const auto bytes = take(8);
    return bytes.empty() ? 0 : load_big<std::uint64_t>(bytes.data());
  }

  /// Records why the bytes are refused; the first reason is kept.
  void fail(errc why) noexcept {
    if (error_ == errc{}) error_ = why;
    next_ = end_;
  }
  bool ok() const noexcept { return error_ == errc{}; }
  std::error_code error() const noexcept {
    return ok() ? std::error_code{} : make_error_code(error_);
  }

  bool lenient() const noexcept { return lenient_; }
  /// Switches leniency for what follows, and returns what it was (see xdr_lenient).
  bool lenient(bool now) noexcept { return std::exchange(lenient_, now); }
  /// Pays `bytes` of memory from the budget, before they are allocated; false when it is used up.
  bool charge(std::uint64_t bytes) noexcept {
    if (bytes > budget_) return fail(errc::budget_exceeded), false;
    budget_ -= bytes;
    return true;
  }
  std::uint64_t budget() const noexcept { return budget_; }
  /// Goes one level down, or fails with too_deep. Each success is undone by leave().
  bool enter() noexcept {
    if (depth_left_ == 0) return fail(errc::too_deep), false;
    --depth_left_;
    return true;
  }
  void leave() noexcept { ++depth_left_; }

  /// The cursor: where the next byte is; null, and a failure, when fewer than `n` are left.
  const std::byte* begin(std::uint64_t n) noexcept {
    return has(next_, n) ? next_ : refuse(errc::truncated);
  }
  /// True when `n` bytes are left behind the cursor. No pointer is moved to find out.
  bool has(const std::byte* at, std::uint64_t n) const noexcept { return left(at) >= n; }
  std::uint64_t left(const std::byte* at) const noexcept {
    return static_cast<std::uint64_t>(end_ - at);
  }
  /// Everything before the cursor has been read; null stands for a failure.
  void finish(const std::byte* at) noexcept {
    if (at != nullptr) next_ = at;
  }
  /// fail(), as the cursor that the codecs hand back.
  const std::byte* refuse(errc why) noexcept {
    fail(why);
    return nullptr;
  }

private:
  // An empty message has a place too: a null cursor stands for a failure.
  static constexpr std::byte nowhere{};

  const std::byte* next_;
  const std::byte* end_;
  std::uint64_t budget_;
  std::uint32_t depth_left_;
  bool lenient_;
  errc error_{};
};

}  // namespace tryst::xdr
