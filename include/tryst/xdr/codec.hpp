// XDR (RFC 4506) for described types: encode, decode, the exact size and its bounds.
//
//   std::expected<calc::pair, std::error_code> p = tryst::xdr::from_bytes<calc::pair>(bytes);
//   tryst::xdr::byte_buffer bytes = tryst::xdr::to_bytes(calc::pair{2, 3}).value();
//
// Path: client.hpp, service.hpp → here → codec_optional.hpp, codec_composite.hpp,
// codec_sequence.hpp, codec_scalar.hpp
#pragma once

#include <expected>
#include <memory>
#include <string>
#include <system_error>
#include <tryst/xdr/codec_optional.hpp>
#include <utility>
#include <variant>
#include <vector>

namespace tryst::xdr {

/// Appends the value. Failures (a bound, an enum or a union that the .x does not allow) are in
/// out.error(); nothing of use has been written then.
template <class Desc = plain, class T>
void encode(writer& out, const T& value) {
  std::byte* at = out.begin(detail::extent_of<T, Desc>.min);
  out.finish(codec<T, Desc>::put(at, out, value));
}

/// Reads a value into `value`, whose memory is used again where it fits. Failures are in
/// in.error(); the value is valid then, and its contents are of no use.
template <class Desc = plain, class T>
void decode(reader& in, T& value) {
  const std::byte* at = in.begin(detail::extent_of<T, Desc>.min);
  if (at != nullptr) in.finish(codec<T, Desc>::get(at, in, value));
}

/// Exactly what encode writes, in bytes.
template <class Desc = plain, class T>
std::uint64_t encoded_size(const T& value) {
  if constexpr (detail::extent_of<T, Desc>.fixed)
    return detail::extent_of<T, Desc>.min;
  else
    return codec<T, Desc>::size(value);
}

/// A T that takes up all of `bytes`. Bytes behind it are refused (trailing_bytes), unless lenient.
template <class T, class Desc = plain>
std::expected<T, std::error_code> from_bytes(std::span<const std::byte> bytes,
                                             const decode_options& options = {}) {
  reader in{bytes, options};
  std::expected<T, std::error_code> result;
  decode<Desc>(in, *result);
  if (in.ok() && in.remaining() != 0 && !options.lenient && !lenient_type<T>) {
    in.fail(errc::trailing_bytes);
  }
  if (!in.ok()) result = std::unexpected{in.error()};
  return result;
}

/// The value's bytes, or why it has none.
template <class Desc = plain, class T>
std::expected<byte_buffer, std::error_code> to_bytes(const T& value) {
  byte_buffer bytes;
  bytes.reserve(encoded_size<Desc>(value));
  writer out{bytes};
  encode<Desc>(out, value);
  if (!out.ok()) return std::unexpected{out.error()};
  return bytes;
}

}  // namespace tryst::xdr
