#include <tryst/binder/saved_entries.hpp>

#include <array>
#include <charconv>
#include <optional>
#include <tryst/error.hpp>

namespace tryst::binder {
namespace {

constexpr std::string_view first_line = "tryst-rpcbind entries 1\n";
constexpr std::string_view last_line = "checksum ";

// FNV-1a of 64 bits: against accidents, not against whoever may write the file.
std::uint64_t checksum(std::string_view text) {
  std::uint64_t sum = 0xcbf29ce484222325;
  for (const char c : text) {
    sum ^= static_cast<unsigned char>(c);
    sum *= 0x100000001b3;
  }
  return sum;
}

std::string hex(std::uint64_t number) {
  std::array<char, 16> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number, 16).ptr;
  return {digits.data(), end};
}

std::optional<std::uint32_t> number_of(std::string_view text) {
  std::uint32_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

// The text before the next `delimiter`, which is passed over; all of it if there is none.
std::string_view next(std::string_view& text, char delimiter) {
  const auto end = text.find(delimiter);
  const auto part = text.substr(0, end);
  text.remove_prefix(end == text.npos ? text.size() : end + 1);
  return part;
}

std::optional<entry> parse_line(std::string_view line) {
  const auto program = number_of(next(line, '\t'));
  const auto version = number_of(next(line, '\t'));
  const auto netid = next(line, '\t');
  const auto address = next(line, '\t');
  if (!program || !version || line.empty() || line.find('\t') != line.npos) return std::nullopt;
  return entry{.interface = {*program, *version},
               .netid = std::string{netid},
               .address = std::string{address},
               .owner = std::string{line}};
}

}  // namespace

std::string save_entries(std::span<const entry> entries) {
  std::string text{first_line};
  for (const entry& e : entries) {
    text += std::to_string(e.interface.program);
    text += '\t';
    text += std::to_string(e.interface.version);
    for (const std::string* part : {&e.netid, &e.address, &e.owner}) {
      text += '\t';
      text += *part;
    }
    text += '\n';
  }
  const std::string sum = hex(checksum(text));
  text += last_line;
  text += sum;
  text += '\n';
  return text;
}

std::expected<std::vector<entry>, std::error_code> load_entries(std::string_view text) {
  const auto invalid = std::unexpected{make_error_code(errc::message_invalid)};
  const auto last = text.rfind(last_line);
  if (!text.starts_with(first_line) || last == text.npos || !text.ends_with('\n')) return invalid;
  const auto body = text.substr(0, last);
  const auto sum = text.substr(last + last_line.size());
  if (sum.substr(0, sum.size() - 1) != hex(checksum(body))) return invalid;
  std::vector<entry> entries;
  for (auto rest = body.substr(first_line.size()); !rest.empty();) {
    auto parsed = parse_line(next(rest, '\n'));
    if (!parsed) return invalid;
    entries.push_back(std::move(*parsed));
  }
  return entries;
}

}  // namespace tryst::binder
