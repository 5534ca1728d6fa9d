#include <algorithm>
#include <tryst/idl/diagnostic.hpp>

namespace tryst::idl {
namespace {

constexpr std::size_t longest_line = 240;

/// Bytes that a terminal could take as commands become question marks.
std::string printable(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    out += c == '\t' ? ' ' : (byte < 0x20 || byte == 0x7f) ? '?' : c;
  }
  return out;
}

struct palette {
  std::string_view bold, red, magenta, cyan, green, off;
};
constexpr palette plain_text{};
constexpr palette coloured{"\x1b[1m",    "\x1b[1;31m", "\x1b[1;35m",
                           "\x1b[1;36m", "\x1b[1;32m", "\x1b[0m"};

void put_place(std::string& out, const sources& texts, location where, const palette& paint) {
  const auto at = texts.where(where);
  out += paint.bold;
  out += printable(at.file);
  out += ':' + std::to_string(at.line) + ':' + std::to_string(at.column) + ": ";
  out += paint.off;
}

void put_line(std::string& out, const sources& texts, location where, std::uint32_t length,
              const palette& paint) {
  const auto line = texts.line_at(where);
  const std::size_t column = texts.where(where).column - 1;
  if (line.empty() || line.size() > longest_line || column > line.size()) return;
  out += "  " + printable(line) + "\n  " + std::string(column, ' ');
  out += paint.green;
  out += '^';
  const std::size_t rest = line.size() - column;
  if (length > 1 && rest > 1) out += std::string(std::min<std::size_t>(length, rest) - 1, '~');
  out += paint.off;
  out += '\n';
}

/// How many letters must be added, left out, changed or swapped with their neighbour.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1);
  std::vector<std::size_t> last(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      row[j] =
          std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        row[j] = std::min(row[j], before[j - 2] + 1);
      }
    }
    before.swap(last);
    last.swap(row);
  }
  return last.back();
}

}  // namespace

diagnostic& diagnostics::report(severity level, location where, std::uint32_t length,
                                std::string text) {
  if (level == severity::error) ++errors_;
  if (errors_ > most_errors) {
    dropped_ = {};
    return dropped_;
  }
  return all_.emplace_back(diagnostic{level, where, length, std::move(text), {}, {}});
}

std::string render(const diagnostic& what, const sources& texts, bool colour) {
  const palette& paint = colour ? coloured : plain_text;
  std::string out;
  put_place(out, texts, what.where, paint);
  switch (what.level) {
    case severity::error:
      out += paint.red;
      out += "error: ";
      break;
    case severity::warning:
      out += paint.magenta;
      out += "warning: ";
      break;
    case severity::note:
      out += paint.cyan;
      out += "note: ";
      break;
  }
  out += paint.off;
  out += printable(what.text) + '\n';
  put_line(out, texts, what.where, what.length, paint);
  for (const auto& also : what.remarks) {
    put_place(out, texts, also.where, paint);
    out += paint.cyan;
    out += "note: ";
    out += paint.off;
    out += printable(also.text) + '\n';
    put_line(out, texts, also.where, 1, paint);
  }
  if (!what.hint.empty()) {
    out += paint.bold;
    out += "  hint: ";
    out += paint.off;
    out += printable(what.hint) + '\n';
  }
  return out;
}

std::string quote(std::string_view word) {
  constexpr std::size_t most = 40;
  std::string out{"'"};
  out += word.substr(0, most);
  out += word.size() > most ? "...'" : "'";
  return out;
}

std::string_view nearest(std::string_view word, const std::vector<std::string_view>& known) {
  constexpr std::size_t longest_word = 64;
  std::string_view best;
  if (word.size() > longest_word) return best;
  std::size_t least = std::max<std::size_t>(1, word.size() / 3) + 1;
  for (const auto candidate : known) {
    if (candidate.size() > longest_word || candidate == word) continue;
    const auto found = distance(word, candidate);
    if (found < least) {
      least = found;
      best = candidate;
    }
  }
  return best;
}

}  // namespace tryst::idl
