// libtirpc's side of the XDR table. Its types have the names of tryst's, so they stay behind this.
#pragma once

#include <cstddef>
#include <memory>
#include <span>

namespace bench {

/// A value of libtirpc's kind for the message `bytes`, and rpcgen's filters over xdrmem. T is
/// tryst's type of the same name.
class tirpc_message {
public:
  explicit tirpc_message(std::span<const std::byte> bytes) : bytes_{bytes} {}

  template <class T>
  bool encode(std::span<std::byte> out);
  /// Into a zeroed value, as rpcgen's server does, and xdr_free.
  template <class T>
  static bool decode_and_free(std::span<const std::byte> bytes);

private:
  std::span<const std::byte> bytes_;
  std::shared_ptr<void> value_;
};

}  // namespace bench
