#include <tryst/rpc/outbox.hpp>

#include <algorithm>
#include <tryst/rpc/record.hpp>

namespace tryst::rpc {
namespace {

// A buffer that grew beyond this is given back when it has been emptied: it held a large message,
// or a peer that read slowly.
constexpr std::size_t kept_capacity = 256 * 1024;
// What has been sent is cut from the front when there is more of it than this, and of the rest.
constexpr std::size_t compaction_threshold = 64 * 1024;

iovec part(const std::byte* data, std::size_t size) {
  return {.iov_base = const_cast<std::byte*>(data), .iov_len = size};
}

}  // namespace

void outbox::mark(std::uint64_t foreign_bytes) noexcept {
  const std::uint64_t size = message_size() + foreign_bytes;
  put_record_mark(bytes_.data() + message_, static_cast<std::uint32_t>(size));
  pending_ += size + 4;
}

std::uint64_t outbox::end() {
  const std::uint64_t position = taken_ + pending_;
  mark(0);
  return position;
}

std::uint64_t outbox::end(std::vector<xdr::reference> references, std::shared_ptr<void> owner) {
  const std::uint64_t position = taken_ + pending_;
  std::uint64_t foreign_bytes = 0;
  for (const xdr::reference& reference : references) {
    foreign_bytes += reference.bytes.size();
    foreign_.push_back({reference.offset_in_buffer, reference.bytes, owner});
  }
  mark(foreign_bytes);
  return position;
}

std::size_t outbox::gather(std::span<iovec> parts) const {
  std::size_t used = 0;
  std::size_t at = next_;
  std::size_t skip = next_foreign_;
  for (const foreign& f : foreign_) {
    if (used + 1 >= parts.size()) return used;
    if (f.at > at) parts[used++] = part(bytes_.data() + at, f.at - at);
    parts[used++] = part(f.bytes.data() + skip, f.bytes.size() - skip);
    at = f.at;
    skip = 0;
  }
  if (used < parts.size() && at < bytes_.size()) {
    parts[used++] = part(bytes_.data() + at, bytes_.size() - at);
  }
  return used;
}

std::size_t outbox::gather_message(place& from, std::span<iovec> parts) const {
  if (from.at >= bytes_.size()) return 0;
  std::size_t left = record_mark_length(bytes_.data() + from.at);
  place end{.at = from.at + record_mark_size, .foreign = from.foreign};
  std::size_t used = 0;
  while (left > 0) {
    if (used == parts.size()) return 0;
    const bool more = end.foreign < foreign_.size();
    if (more && foreign_[end.foreign].at == end.at) {
      const foreign& f = foreign_[end.foreign++];
      parts[used++] = part(f.bytes.data(), f.bytes.size());
      left -= f.bytes.size();
      continue;
    }
    const std::size_t until = more ? foreign_[end.foreign].at : bytes_.size();
    const std::size_t own = std::min(left, until - end.at);
    parts[used++] = part(bytes_.data() + end.at, own);
    end.at += own;
    left -= own;
  }
  from = end;
  return used;
}

void outbox::took(std::uint64_t n) {
  taken_ += n;
  pending_ -= n;
  if (pending_ == 0) return reset();
  while (n > 0) {
    const std::size_t until = foreign_.empty() ? bytes_.size() : foreign_.front().at;
    const std::size_t own = std::min<std::uint64_t>(n, until - next_);
    next_ += own;
    n -= own;
    if (n == 0) break;
    foreign& f = foreign_.front();
    const std::size_t rest = f.bytes.size() - next_foreign_;
    if (n < rest) {
      next_foreign_ += n;
      break;
    }
    n -= rest;
    next_foreign_ = 0;
    foreign_.pop_front();
  }
  if (next_ >= compaction_threshold && next_ >= bytes_.size() / 2) {
    std::copy(bytes_.data() + next_, bytes_.data() + bytes_.size(), bytes_.data());
    bytes_.truncate(bytes_.size() - next_);
    for (foreign& f : foreign_) f.at -= next_;
    next_ = 0;
  }
}

void outbox::reset() {
  foreign_.clear();
  next_ = next_foreign_ = 0;
  if (bytes_.capacity() > kept_capacity) {
    bytes_ = {};
  } else {
    bytes_.clear();
  }
}

}  // namespace tryst::rpc
