// Records as a stream brings them: cut into fragments by a peer, and into deliveries by the kernel.
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <system_error>
#include <tryst/rpc/record.hpp>
#include <tryst/xdr/byte_order.hpp>
#include <vector>

namespace tryst::test {

using bytes = std::vector<std::byte>;

inline bytes as_bytes(std::span<const std::byte> s) { return {s.begin(), s.end()}; }

/// `n` bytes, no two neighbours alike.
inline bytes some_bytes(std::size_t n) {
  bytes made(n);
  for (std::size_t i = 0; i < n; ++i) made[i] = static_cast<std::byte>(i * 7 + (i >> 8));
  return made;
}

inline void append(bytes& to, std::span<const std::byte> more) {
  to.insert(to.end(), more.begin(), more.end());
}

/// A fragment with its mark (RFC 5531 §11).
inline bytes fragment(std::span<const std::byte> body, bool last) {
  bytes made(4);
  xdr::store_big(made.data(),
                 static_cast<std::uint32_t>(body.size()) | (last ? rpc::last_fragment_bit : 0U));
  append(made, body);
  return made;
}

/// A record in fragments of at most `size` bytes.
inline bytes in_fragments_of(std::size_t size, std::span<const std::byte> body) {
  bytes made;
  while (body.size() > size) {
    append(made, fragment(body.first(size), false));
    body = body.subspan(size);
  }
  append(made, fragment(body, true));
  return made;
}

/// What a record_reader made of a stream.
struct received {
  std::vector<bytes> records;
  std::error_code error;
  std::size_t left = 0;  ///< bytes that it has not taken
  bool inside_record = false;
  std::size_t wanted = 0;

  bool operator==(const received&) const = default;
};

/// Plays the transport: appends deliveries to what is unread and takes the records.
class record_stream {
public:
  explicit record_stream(const rpc::record_limits& limits = {}) : reader_{limits} {}

  void deliver(std::span<const std::byte> more) {
    if (seen_.error) return;
    append(buffer_, more);
    std::span<std::byte> unread{buffer_};
    for (;;) {
      const auto found = reader_.next(unread);
      if (!found) seen_.error = found.error();
      if (!found || !*found) break;
      seen_.records.push_back(as_bytes((*found)->bytes));
    }
    buffer_.erase(buffer_.begin(), buffer_.end() - static_cast<std::ptrdiff_t>(unread.size()));
  }

  received seen() const {
    received all = seen_;
    if (all.error) return all;  // how much was left depends on how much had come
    all.left = buffer_.size();
    all.inside_record = reader_.inside_record();
    all.wanted = reader_.wanted();
    return all;
  }

private:
  rpc::record_reader reader_;
  bytes buffer_;
  received seen_;
};

inline received deliver_at_once(std::span<const std::byte> stream,
                                const rpc::record_limits& limits = {}) {
  record_stream to{limits};
  to.deliver(stream);
  return to.seen();
}

/// As deliver_at_once, in deliveries of `size` bytes.
inline received deliver_by(std::size_t size, std::span<const std::byte> stream,
                           const rpc::record_limits& limits = {}) {
  record_stream to{limits};
  for (; !stream.empty(); stream = stream.subspan(std::min(size, stream.size()))) {
    to.deliver(stream.first(std::min(size, stream.size())));
  }
  return to.seen();
}

}  // namespace tryst::test
