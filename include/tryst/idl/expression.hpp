// Constant expressions: what may stand behind `const X =`, between `<` and `>`, and after `#if`.
//
// RFC 4506 §6.2 knows a number or a name; macros and real files also add, shift and negate.
// Kept in postfix order, so that neither reading nor computing recurses.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tryst/idl/lexer.hpp>
#include <vector>

namespace tryst::idl {

/// A whole number from -2^63 to 2^64-1.
struct integer {
  bool negative = false;
  std::uint64_t magnitude = 0;

  bool operator==(const integer&) const = default;

  /// Whether it is from -2^31 to 2^31-1, or from 0 to 2^32-1.
  bool fits_int32() const { return magnitude <= (negative ? 0x80000000U : 0x7fffffffU); }
  bool fits_uint32() const { return !negative && magnitude <= 0xffffffffU; }
  bool fits_int64() const { return magnitude <= 0x7fffffffffffffffU + (negative ? 1U : 0U); }
  /// The number modulo 2^64.
  std::int64_t as_int64() const {
    return static_cast<std::int64_t>(negative ? 0 - magnitude : magnitude);
  }
};

std::string to_string(integer value);

/// One step of a postfix program: a number, a name, or an operator of one or two operands.
struct expression_step {
  enum class what : std::uint8_t { number, name, unary, binary };
  what kind = what::number;
  integer value;
  std::string text;  ///< the name, the operator, or the number as it was written
  location where;
};

struct expression {
  std::vector<expression_step> steps;
  location where;
  std::uint32_t length = 1;

  /// The one name or the one number that the expression is made of, or null.
  const expression_step* only() const { return steps.size() == 1 ? &steps.front() : nullptr; }
};

/// Where an expression stands decides what ends it: `>` ends a bound.
enum class expression_place : std::uint8_t { constant, bound, condition };

/// Reads an expression from the front of `tokens`; `used` becomes how many tokens it took. An
/// error is reported, and nothing returned.
std::optional<expression> read_expression(std::span<const token> tokens, std::size_t& used,
                                          expression_place place, diagnostics& report);

/// What a name means, or nothing when the caller has reported that it means nothing.
using name_value = std::function<std::optional<integer>(const expression_step&)>;

/// The value, or nothing when it could not be computed; that has been reported then.
std::optional<integer> evaluate(const expression& what, const name_value& value_of,
                                diagnostics& report);

/// 12, 014, 0xc, 1'000, with the suffixes of C (u, l) ignored. Nothing when it is no such number,
/// or larger than 2^64-1.
std::optional<integer> parse_number(std::string_view text);

}  // namespace tryst::idl
