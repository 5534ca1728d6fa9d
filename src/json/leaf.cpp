#include <tryst/json/leaf.hpp>

#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <limits>

namespace tryst::json::detail {
namespace {

constexpr std::string_view hex_digits = "0123456789abcdef";
constexpr std::string_view base64_digits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

// What follows the first byte of a character (RFC 3629 §4): how many bytes, and which the next may
// be.
struct sequence {
  std::size_t more;
  unsigned char first;
  unsigned char last;
};

std::optional<sequence> sequence_of(unsigned char lead) {
  if (lead < 0x80) return sequence{0, 0, 0};
  if (lead >= 0xc2 && lead <= 0xdf) return sequence{1, 0x80, 0xbf};
  if (lead == 0xe0) return sequence{2, 0xa0, 0xbf};
  if (lead == 0xed) return sequence{2, 0x80, 0x9f};
  if (lead >= 0xe1 && lead <= 0xef) return sequence{2, 0x80, 0xbf};
  if (lead == 0xf0) return sequence{3, 0x90, 0xbf};
  if (lead >= 0xf1 && lead <= 0xf3) return sequence{3, 0x80, 0xbf};
  if (lead == 0xf4) return sequence{3, 0x80, 0x8f};
  return std::nullopt;
}

bool is_utf8(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto next = sequence_of(static_cast<unsigned char>(text[i]));
    if (!next || next->more >= text.size() - i) return false;
    for (std::size_t k = 1; k <= next->more; ++k) {
      const auto c = static_cast<unsigned char>(text[i + k]);
      if (c < (k == 1 ? next->first : 0x80) || c > (k == 1 ? next->last : 0xbf)) return false;
    }
    i += next->more;
  }
  return true;
}

std::string to_hex(std::span<const std::byte> bytes) {
  std::string text;
  text.reserve(2 * bytes.size());
  for (const std::byte b : bytes) {
    text += hex_digits[std::to_integer<unsigned>(b) >> 4];
    text += hex_digits[std::to_integer<unsigned>(b) & 15];
  }
  return text;
}

std::string to_base64(std::span<const std::byte> bytes) {
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t here = std::min<std::size_t>(3, bytes.size() - i);
    std::uint32_t group = 0;
    for (std::size_t k = 0; k < 3; ++k) {
      group = group << 8 | (k < here ? std::to_integer<std::uint32_t>(bytes[i + k]) : 0);
    }
    for (std::size_t k = 0; k < 4; ++k) {
      text += k <= here ? base64_digits[group >> (18 - 6 * k) & 63] : '=';
    }
  }
  return text;
}

std::optional<std::vector<std::byte>> of_hex(std::string_view text) {
  if (text.size() % 2 != 0) return std::nullopt;
  std::vector<std::byte> bytes;
  bytes.reserve(text.size() / 2);
  for (std::size_t i = 0; i < text.size(); i += 2) {
    unsigned value = 0;
    const char* const end = text.data() + i + 2;
    if (std::from_chars(text.data() + i, end, value, 16).ptr != end) return std::nullopt;
    bytes.push_back(std::byte(value));
  }
  return bytes;
}

std::optional<std::vector<std::byte>> of_base64(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  const std::size_t pad = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
  std::vector<std::byte> bytes;
  std::uint32_t group = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool padding = i >= text.size() - pad;
    const std::size_t digit = padding ? 0 : base64_digits.find(text[i]);
    if (digit == std::string_view::npos) return std::nullopt;
    group = group << 6 | static_cast<std::uint32_t>(digit);
    if (i % 4 != 3) continue;
    for (int shift = 16; shift >= 0; shift -= 8) bytes.push_back(std::byte(group >> shift & 255));
  }
  bytes.erase(bytes.end() - static_cast<std::ptrdiff_t>(pad), bytes.end());
  // One text for one value: the bits behind the last byte are zero.
  if (to_base64(bytes) != text) return std::nullopt;
  return bytes;
}

template <class Real>
value real(Real number) {
  if (std::isfinite(number)) return static_cast<double>(number);
  if (std::isinf(number)) return number > 0 ? "Infinity" : "-Infinity";
  using bits = std::conditional_t<sizeof(Real) == 8, std::uint64_t, std::uint32_t>;
  std::array<char, 16> text;
  const auto end =
      std::to_chars(text.data(), text.data() + text.size(), std::bit_cast<bits>(number), 16).ptr;
  return "NaN(0x" + std::string(text.data(), end) + ")";
}

template <class Real>
std::optional<Real> to_real(const value& json) {
  constexpr Real infinity = std::numeric_limits<Real>::infinity();
  if (json.is_number()) {
    const auto number = json.get<double>();
    const auto real = static_cast<Real>(number);
    if (std::isinf(real)) return std::nullopt;
    return real;
  }
  if (!json.is_string()) return std::nullopt;
  std::string_view text = json.get_ref<const std::string&>();
  if (text == "Infinity") return infinity;
  if (text == "-Infinity") return -infinity;
  if (!text.starts_with("NaN(0x") || !text.ends_with(')')) return std::nullopt;
  text = text.substr(6, text.size() - 7);
  using bits = std::conditional_t<sizeof(Real) == 8, std::uint64_t, std::uint32_t>;
  bits number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, 16);
  const Real nan = std::bit_cast<Real>(number);
  if (error != std::errc{} || end != text.data() + text.size() || !std::isnan(nan)) {
    return std::nullopt;
  }
  return nan;
}

template <class Integer>
std::optional<Integer> of_text(const value& json) {
  const auto& text = json.get_ref<const std::string&>();
  Integer number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

}  // namespace

value from_text(std::string_view text) {
  if (is_utf8(text)) return std::string{text};
  return {{"bytes", to_hex(std::as_bytes(std::span{text}))}};
}

value from_bytes(std::span<const std::byte> bytes, byte_text how) {
  return how == byte_text::hex ? to_hex(bytes) : to_base64(bytes);
}

value from_hyper(std::int64_t number, const options& how) {
  return how.hyper_as_text ? value(std::to_string(number)) : value(number);
}
value from_hyper(std::uint64_t number, const options& how) {
  return how.hyper_as_text ? value(std::to_string(number)) : value(number);
}

value from_real(double number) { return real(number); }
value from_real(float number) { return real(number); }

std::optional<std::string> to_text(const value& json) {
  if (json.is_string()) return json.get<std::string>();
  if (!json.is_object() || json.size() != 1 || !json.contains("bytes")) return std::nullopt;
  const auto bytes = to_bytes(json.at("bytes"), byte_text::hex);
  if (!bytes) return std::nullopt;
  return std::string(reinterpret_cast<const char*>(bytes->data()), bytes->size());
}

std::optional<std::vector<std::byte>> to_bytes(const value& json, byte_text how) {
  if (!json.is_string()) return std::nullopt;
  const auto& text = json.get_ref<const std::string&>();
  return how == byte_text::hex ? of_hex(text) : of_base64(text);
}

std::optional<std::int64_t> to_signed(const value& json, bool text_too) {
  if (text_too && json.is_string()) return of_text<std::int64_t>(json);
  if (json.is_number_unsigned()) {
    const auto number = json.get<std::uint64_t>();
    if (number > std::uint64_t{std::numeric_limits<std::int64_t>::max()}) return std::nullopt;
    return static_cast<std::int64_t>(number);
  }
  if (!json.is_number_integer()) return std::nullopt;
  return json.get<std::int64_t>();
}

std::optional<std::uint64_t> to_unsigned(const value& json, bool text_too) {
  if (text_too && json.is_string()) return of_text<std::uint64_t>(json);
  if (json.is_number_unsigned()) return json.get<std::uint64_t>();
  if (!json.is_number_integer() || json.get<std::int64_t>() < 0) return std::nullopt;
  return static_cast<std::uint64_t>(json.get<std::int64_t>());
}

std::optional<double> to_double(const value& json) { return to_real<double>(json); }
std::optional<float> to_float(const value& json) { return to_real<float>(json); }

}  // namespace tryst::json::detail
