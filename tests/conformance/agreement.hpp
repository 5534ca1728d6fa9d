// Do our codec and rpcgen's C routine agree about a type? Values that ours wrote are read and
// written again by C, and the other way round; then bytes that were spoilt a little.
#pragma once

#include <gtest/gtest.h>

#include <expected>
#include <span>
#include <system_error>
#include <vector>

#include "conformance/cut_strings.hpp"
#include "support/random_value.hpp"

extern "C" {
#include "conformance/routines.h"
}

namespace tryst::conformance {

/// What the C++ side can do with a type of the .x.
struct coded_type {
  /// The bytes of a random value.
  xdr::byte_buffer (*random)(testing::random_source&);
  /// Bytes decoded and encoded again. Strings are cut at their first NUL, if wanted: C does so.
  std::expected<xdr::byte_buffer, std::error_code> (*again)(std::span<const std::byte>, bool cut);
};

template <class T>
coded_type coded() {
  return {.random =
              [](testing::random_source& source) {
                const T value = testing::random_value<T>(source);
                auto bytes = xdr::to_bytes(value);
                EXPECT_TRUE(bytes.has_value()) << bytes.error().message();
                EXPECT_EQ(bytes->size(), xdr::encoded_size(value));
                return std::move(bytes).value_or(xdr::byte_buffer{});
              },
          .again = [](std::span<const std::byte> bytes,
                      bool cut) -> std::expected<xdr::byte_buffer, std::error_code> {
            auto value = xdr::from_bytes<T>(bytes);
            if (!value) return std::unexpected{value.error()};
            if (cut) cut_strings(*value);
            return xdr::to_bytes(*value);
          }};
}

/// The routines belong to the first type of each part, then to the second of each, and so on.
void expect_agreement(const std::vector<std::vector<coded_type>>& parts, const routine* routines);

}  // namespace tryst::conformance
