#include <tryst/rpc/record.hpp>

#include <algorithm>
#include <cstring>
#include <tryst/error.hpp>
#include <utility>

namespace tryst::rpc {
namespace {

constexpr std::uint64_t average_of_many_fragments = 1024;

}  // namespace

record_tally::record_tally(const record_limits& limits) noexcept : limits_{limits} {
  // One fragment is what a record has at least, whatever its size.
  limits_.max_fragments = std::max(1U, limits_.max_fragments);
  limits_.free_fragments = std::max(1U, limits_.free_fragments);
}

std::error_code record_tally::check(std::uint32_t length) const noexcept {
  const std::uint64_t bytes = bytes_ + length;
  const std::uint64_t fragments = fragments_ + 1;
  if (bytes > limits_.max_bytes) return make_error_code(errc::record_too_large);
  if (fragments > limits_.max_fragments) return make_error_code(errc::record_fragmented);
  if (fragments > limits_.free_fragments &&
      bytes < (fragments - limits_.free_fragments) * average_of_many_fragments) {
    return make_error_code(errc::record_fragmented);
  }
  return {};
}

std::expected<std::optional<record>, std::error_code> record_reader::next(
    std::span<std::byte>& unread) {
  if (const auto bytes = next_whole(unread); bytes.data() != nullptr) {
    return record{.bytes = bytes, .joined = {}};
  }
  for (;;) {
    inside_ = tally_.fragments() > 0 || !unread.empty();
    if (unread.size() < record_mark_size) {
      wanted_ = record_mark_size - unread.size();
      return std::nullopt;
    }
    const auto mark = xdr::load_big<std::uint32_t>(unread.data());
    const std::uint32_t length = mark & ~last_fragment_bit;
    if (const std::error_code refused = tally_.check(length)) return std::unexpected{refused};
    if (unread.size() - record_mark_size < length) {
      wanted_ = length - (unread.size() - record_mark_size);
      return std::nullopt;
    }
    const std::span<const std::byte> fragment = unread.subspan(record_mark_size, length);
    unread = unread.subspan(record_mark_size + length);
    const bool first = tally_.fragments() == 0;
    const bool last =
        mark != length || (first && length > 0 && tally_.limits().tolerate_missing_last_fragment);
    if (last && first) return whole(fragment);
    join(fragment);
    if (last) return whole({});
  }
}

void record_reader::join(std::span<const std::byte> fragment) {
  // The sum is within the limits, and every byte of it has been received.
  const auto size = static_cast<std::size_t>(tally_.bytes());
  const std::size_t needed = size + fragment.size();
  if (needed > joined_.capacity()) {
    xdr::buffer_ref larger = xdr::buffer_ref::allocate(std::max(needed, 2 * size));
    if (size > 0) std::memcpy(larger.data(), joined_.data(), size);
    joined_ = std::move(larger);
  }
  if (!fragment.empty()) std::memcpy(joined_.data() + size, fragment.data(), fragment.size());
  tally_.add(static_cast<std::uint32_t>(fragment.size()));
}

record record_reader::whole(std::span<const std::byte> in_place) {
  record found{.bytes = in_place, .joined = std::exchange(joined_, {})};
  if (found.joined) found.bytes = {found.joined.data(), static_cast<std::size_t>(tally_.bytes())};
  tally_.clear();
  inside_ = false;
  wanted_ = record_mark_size;
  return found;
}

}  // namespace tryst::rpc
