#include <tryst/rpc/record.hpp>

#include <cstring>
#include <tryst/error.hpp>
#include <utility>

namespace tryst::rpc {
namespace {

constexpr std::size_t mark_size = 4;

}  // namespace

std::error_code record_reader::admit(std::uint32_t length) const noexcept {
  const std::uint64_t total = total_ + length;
  if (total > limits_.max_bytes) return make_error_code(errc::record_too_large);
  const std::uint64_t fragments = std::uint64_t{fragments_} + 1;
  if (fragments > limits_.max_fragments ||
      (fragments > limits_.free_fragments && total < (fragments - limits_.free_fragments) * 1024)) {
    return make_error_code(errc::record_fragmented);
  }
  return {};
}

std::expected<std::optional<record>, std::error_code> record_reader::next(
    std::span<std::byte>& unread) {
  // Nearly every record is one fragment and has arrived as a whole.
  if (fragments_ == 0 && unread.size() >= mark_size) {
    const auto mark = xdr::load_big<std::uint32_t>(unread.data());
    const std::uint32_t length = mark & ~last_fragment_bit;
    if (mark != length && length <= limits_.max_bytes && unread.size() - mark_size >= length)
        [[likely]] {
      record found{.bytes = unread.subspan(mark_size, length), .joined = {}};
      unread = unread.subspan(mark_size + length);
      inside_ = false;
      wanted_ = mark_size;
      return found;
    }
  }
  return next_slowly(unread);
}

std::expected<std::optional<record>, std::error_code> record_reader::next_slowly(
    std::span<std::byte>& unread) {
  for (;;) {
    inside_ = fragments_ > 0 || !unread.empty();
    if (unread.size() < mark_size) {
      wanted_ = mark_size - unread.size();
      return std::nullopt;
    }
    const auto mark = xdr::load_big<std::uint32_t>(unread.data());
    const std::uint32_t length = mark & ~last_fragment_bit;
    if (const std::error_code refused = admit(length)) return std::unexpected{refused};
    if (unread.size() - mark_size < length) {
      wanted_ = length - (unread.size() - mark_size);
      return std::nullopt;
    }
    const std::span<std::byte> fragment = unread.subspan(mark_size, length);
    unread = unread.subspan(mark_size + length);
    const bool last =
        mark != length || (limits_.tolerate_missing_last_fragment && fragments_ == 0 && length > 0);
    if (last && fragments_ == 0) {
      inside_ = false;
      wanted_ = mark_size;
      return record{.bytes = fragment, .joined = {}};
    }
    if (length > 0) std::memcpy(joined_.extend(length), fragment.data(), length);
    total_ += length;
    ++fragments_;
    if (!last) continue;
    record found;
    found.joined = xdr::buffer_ref::allocate(joined_.size());
    if (!joined_.empty()) std::memcpy(found.joined.data(), joined_.data(), joined_.size());
    found.bytes = {found.joined.data(), joined_.size()};
    joined_ = {};
    total_ = 0;
    fragments_ = 0;
    inside_ = false;
    wanted_ = mark_size;
    return found;
  }
}

}  // namespace tryst::rpc
