// A result that is encoded already.
#pragma once

#include <span>
#include <tryst/rpc/incoming_call.hpp>

namespace tryst::rpc {

class bytes_result final : public result_encoder {
public:
  explicit bytes_result(std::span<const std::byte> bytes) : bytes_{bytes} {}
  void encode(xdr::writer& w) const override { w.put_opaque(bytes_); }

private:
  std::span<const std::byte> bytes_;
};

}  // namespace tryst::rpc
