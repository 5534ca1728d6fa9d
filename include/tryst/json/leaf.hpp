// How the leaves of an XDR value look in JSON, both ways: text, bytes and numbers that JSON does
// not have. json.hpp describes the whole.
#pragma once

#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tryst::json {

/// JSON whose members keep their order.
using value = nlohmann::ordered_json;

/// How opaque data is written, and expected.
enum class byte_text : std::uint8_t { hex, base64 };

struct options {
  bool enums_as_numbers = false;     ///< numbers are written; names and numbers are read anyway
  bool hyper_as_text = false;        ///< 64-bit numbers as strings, for readers with doubles only
  byte_text bytes = byte_text::hex;  ///< both ways
};

/// Why a JSON text or value is not the one that was expected, and where.
struct mismatch {
  std::string path;  ///< a JSON pointer (RFC 6901): "/entry/numbers/3", empty for the whole
  std::string what;

  /// "/entry/numbers/3: expected an integer, not a string"
  std::string message() const;
};

namespace detail {

/// A string when the bytes are UTF-8, and {"bytes": "hex"} when they are not.
value from_text(std::string_view text);
value from_bytes(std::span<const std::byte> bytes, byte_text how);
value from_hyper(std::int64_t number, const options& how);
value from_hyper(std::uint64_t number, const options& how);
/// What is not finite is "Infinity", "-Infinity", or "NaN(0x7ff8000000000000)" with its bits.
value from_real(double number);
value from_real(float number);

/// The inverse of each; none when the JSON says something else.
std::optional<std::string> to_text(const value& json);
std::optional<std::vector<std::byte>> to_bytes(const value& json, byte_text how);
std::optional<std::int64_t> to_signed(const value& json, bool text_too);
std::optional<std::uint64_t> to_unsigned(const value& json, bool text_too);
std::optional<double> to_double(const value& json);
std::optional<float> to_float(const value& json);

/// Where a reading is, and what was wrong first.
class place {
public:
  explicit place(const options& how) : how_{how} {}

  const options& how() const noexcept { return how_; }
  /// Notes the first mismatch, here; always false.
  bool fail(std::string what);
  /// "expected `what`, not a(n) ...".
  bool expected(std::string_view what, const value& instead);
  bool failed() const noexcept { return problem_.has_value(); }
  /// REQUIRES: failed().
  mismatch take() && { return std::move(problem_).value_or(mismatch{}); }

  /// One step down the path for as long as it lives.
  class step {
  public:
    step(place& where, std::string_view name);
    step(place& where, std::size_t index);
    step(const step&) = delete;
    step& operator=(const step&) = delete;
    ~step();

  private:
    place& where_;
    std::size_t before_;
  };
  /// False, and a mismatch, when the value is nested deeper than a message may be.
  bool may_go_deeper();

private:
  const options& how_;
  std::string path_;
  std::size_t depth_ = 0;
  std::optional<mismatch> problem_;
};

}  // namespace detail
}  // namespace tryst::json
