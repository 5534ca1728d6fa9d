#include <tryst/xdr/print.hpp>

#include <array>
#include <charconv>

namespace tryst::xdr {
namespace {

constexpr std::string_view digits = "0123456789abcdef";
constexpr std::string_view ellipsis = "...";

template <class Number>
void append_number(text_builder& out, Number value) {
  std::array<char, 32> text;
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
  out.append({text.data(), static_cast<std::size_t>(end - text.data())});
}

}  // namespace

void text_builder::append(std::string_view text) {
  if (full_) return;
  if (options_.max_length == 0 || text.size() <= options_.max_length - text_.size()) {
    text_ += text;
    return;
  }
  full_ = true;
  text_ += text.substr(0, options_.max_length - text_.size());
  const std::size_t kept = options_.max_length - std::min(options_.max_length, ellipsis.size());
  text_.resize(std::min(text_.size(), kept));
  text_ += ellipsis.substr(0, options_.max_length - text_.size());
}

void text_builder::number(std::int64_t value) { append_number(*this, value); }
void text_builder::number(std::uint64_t value) { append_number(*this, value); }
void text_builder::number(double value) { append_number(*this, value); }
void text_builder::number(float value) { append_number(*this, value); }

void text_builder::quoted(std::string_view text) {
  append("\"");
  for (const char c : text) {
    if (full_) return;
    const auto code = static_cast<unsigned char>(c);
    switch (c) {
      case '"':
        append("\\\"");
        break;
      case '\\':
        append("\\\\");
        break;
      case '\n':
        append("\\n");
        break;
      case '\r':
        append("\\r");
        break;
      case '\t':
        append("\\t");
        break;
      default:
        if (code >= 0x20 && code < 0x7f) {
          append({&c, 1});
        } else {
          // A terminal obeys what a peer sends, unless it is written like this.
          const std::array<char, 4> escaped{'\\', 'x', digits[code >> 4], digits[code & 15]};
          append({escaped.data(), escaped.size()});
        }
    }
  }
  append("\"");
}

void text_builder::hex(std::span<const std::byte> bytes) {
  append("0x");
  for (const std::byte b : bytes) {
    if (full_) return;
    const auto value = std::to_integer<unsigned>(b);
    const std::array<char, 2> pair{digits[value >> 4], digits[value & 15]};
    append({pair.data(), pair.size()});
  }
}

void text_builder::open(char bracket) {
  append({&bracket, 1});
  ++level_;
  first_ = true;
}

void text_builder::item() {
  if (!first_) append(options_.multi_line ? "," : ", ");
  first_ = false;
  if (options_.multi_line) new_line();
}

void text_builder::close(char bracket) {
  --level_;
  if (options_.multi_line && !first_) new_line();
  append({&bracket, 1});
  first_ = false;
}

void text_builder::new_line() {
  append("\n");
  for (std::size_t i = 0; i < level_ && !full_; ++i) append("  ");
}

}  // namespace tryst::xdr
