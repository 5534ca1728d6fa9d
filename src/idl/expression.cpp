#include <algorithm>
#include <array>
#include <charconv>
#include <string>
#include <tryst/idl/expression.hpp>
#include <utility>

namespace tryst::idl {
namespace {

__extension__ using wide = __int128;

constexpr std::size_t most_steps = 1000;

wide to_wide(integer value) {
  return value.negative ? -static_cast<wide>(value.magnitude) : static_cast<wide>(value.magnitude);
}
std::optional<integer> from_wide(wide value) {
  const bool negative = value < 0;
  const wide magnitude = negative ? -value : value;
  if (magnitude > (negative ? wide{1} << 63 : (wide{1} << 64) - 1)) return std::nullopt;
  return integer{negative, static_cast<std::uint64_t>(magnitude)};
}

struct binary_operator {
  std::string_view text;
  int strength;
};
constexpr std::array<binary_operator, 18> binaries{{{"*", 10},
                                                    {"/", 10},
                                                    {"%", 10},
                                                    {"+", 9},
                                                    {"-", 9},
                                                    {"<<", 8},
                                                    {">>", 8},
                                                    {"<", 7},
                                                    {">", 7},
                                                    {"<=", 7},
                                                    {">=", 7},
                                                    {"==", 6},
                                                    {"!=", 6},
                                                    {"&", 5},
                                                    {"^", 4},
                                                    {"|", 3},
                                                    {"&&", 2},
                                                    {"||", 1}}};
constexpr int unary_strength = 11;

const binary_operator* find_binary(const token& what) {
  if (what.kind != token_kind::punctuation) return nullptr;
  const auto found = std::ranges::find(binaries, what.text, &binary_operator::text);
  return found == binaries.end() ? nullptr : &*found;
}

bool is_unary(const token& what) {
  return what.is("-") || what.is("+") || what.is("~") || what.is("!");
}

/// What 'c' stands for, or nothing.
std::optional<integer> character_value(std::string_view text) {
  if (text.size() == 3) return integer{false, static_cast<unsigned char>(text[1])};
  if (text.size() != 4 || text[1] != '\\') return std::nullopt;
  constexpr std::string_view letters = "0nrtab\\'\"";
  constexpr std::string_view meanings{"\0\n\r\t\a\b\\'\"", 9};
  const auto at = letters.find(text[2]);
  if (at == letters.npos) return std::nullopt;
  return integer{false, static_cast<unsigned char>(meanings[at])};
}

/// Dijkstra's shunting yard.
class yard {
public:
  yard(std::span<const token> tokens, expression_place place, diagnostics& report)
      : tokens_{tokens}, place_{place}, report_{report} {}

  std::optional<expression> run(std::size_t& used) {
    result_.where = tokens_.front().where;
    while (at_ < tokens_.size() && tokens_[at_].kind != token_kind::end) {
      if (result_.steps.size() + waiting_.size() > most_steps) return fail("is too long");
      const token& next = tokens_[at_];
      if (wants_operand_ ? !operand(next) : !follow(next)) break;
      if (failed_) return std::nullopt;
      ++at_;
    }
    if (failed_) return std::nullopt;
    if (wants_operand_) return fail("needs a number or a constant here");
    while (!waiting_.empty()) {
      if (waiting_.back().text == "(") return fail("needs a closing ) here");
      emit();
    }
    const token& last = tokens_[at_ - 1];
    if (last.where.file == result_.where.file && last.where.offset >= result_.where.offset) {
      result_.length = last.where.offset - result_.where.offset +
                       (last.from_macro ? 1 : static_cast<std::uint32_t>(last.text.size()));
    }
    used = at_;
    return std::move(result_);
  }

private:
  struct pending {
    std::string_view text;
    int strength;
    bool unary;
    location where;
  };

  std::optional<expression> fail(std::string_view text) {
    const std::size_t at = std::min(at_, tokens_.size() - 1);
    report_.error(tokens_[at].where, static_cast<std::uint32_t>(tokens_[at].text.size()),
                  "a constant expression " + std::string{text});
    return std::nullopt;
  }

  void emit() {
    const auto& top = waiting_.back();
    result_.steps.push_back(
        {top.unary ? expression_step::what::unary : expression_step::what::binary,
         {},
         std::string{top.text},
         top.where});
    waiting_.pop_back();
  }

  bool operand(const token& next) {
    if (next.is("::")) return !std::exchange(joins_, true);  // ::NAME, or the middle of a::NAME
    if (std::exchange(joins_, false) && next.kind != token_kind::identifier) return false;
    if (continues_) {
      result_.steps.back().text.append("::").append(next.text);
      continues_ = wants_operand_ = false;
      return true;
    }
    if (is_unary(next)) {
      waiting_.push_back({next.text, unary_strength, true, next.where});
      return true;
    }
    if (next.is("(")) {
      waiting_.push_back({next.text, 0, false, next.where});
      ++depth_;
      return true;
    }
    expression_step step{expression_step::what::name, {}, std::string{next.text}, next.where};
    if (next.kind == token_kind::number || next.kind == token_kind::character) {
      const auto value =
          next.kind == token_kind::number ? parse_number(next.text) : character_value(next.text);
      if (!value) {
        report_
            .error(next.where, static_cast<std::uint32_t>(next.text.size()),
                   quote(next.text) + " is not a whole number below 2^64")
            .hint = "write it in decimal, in octal (077) or in hexadecimal (0x3f)";
        failed_ = true;
        return true;
      }
      step.kind = expression_step::what::number;
      step.value = *value;
    } else if (next.kind != token_kind::identifier) {
      return false;
    }
    result_.steps.push_back(std::move(step));
    closed_ = false;
    wants_operand_ = false;
    return true;
  }

  bool follow(const token& next) {
    if (next.is("::") && !result_.steps.empty() &&
        result_.steps.back().kind == expression_step::what::name && !closed_) {
      continues_ = wants_operand_ = joins_ = true;
      return true;
    }
    if (next.is(")")) {
      if (depth_ == 0) return false;
      while (waiting_.back().text != "(") emit();
      waiting_.pop_back();
      --depth_;
      closed_ = true;
      return true;
    }
    const auto* found = find_binary(next);
    if (found == nullptr) return false;
    const bool compares = found->strength == 7 || found->strength == 6 || found->strength < 3;
    if (place_ != expression_place::condition && compares) return false;
    if (place_ == expression_place::bound && depth_ == 0 && found->text == ">>") return false;
    while (!waiting_.empty() && waiting_.back().strength >= found->strength) emit();
    waiting_.push_back({found->text, found->strength, false, next.where});
    wants_operand_ = true;
    return true;
  }

  std::span<const token> tokens_;
  expression_place place_;
  diagnostics& report_;
  expression result_;
  std::vector<pending> waiting_;
  std::size_t at_ = 0;
  int depth_ = 0;
  bool wants_operand_ = true;
  bool failed_ = false;
  bool joins_ = false;      // a :: has been read
  bool continues_ = false;  // the name before the :: goes on
  bool closed_ = false;     // the last thing was a parenthesis
};

std::optional<wide> apply(std::string_view op, wide a, wide b) {
  wide out = 0;
  if (op == "+") return __builtin_add_overflow(a, b, &out) ? std::nullopt : std::optional{out};
  if (op == "-") return __builtin_sub_overflow(a, b, &out) ? std::nullopt : std::optional{out};
  if (op == "*") return __builtin_mul_overflow(a, b, &out) ? std::nullopt : std::optional{out};
  if (op == "/" || op == "%") {
    if (b == 0) return std::nullopt;
    return op == "/" ? a / b : a % b;
  }
  if (op == "<<" || op == ">>") {
    if (b < 0 || b > 63 || a < 0) return std::nullopt;
    return op == "<<" ? a << static_cast<int>(b) : a >> static_cast<int>(b);
  }
  if (op == "&") return a & b;
  if (op == "|") return a | b;
  if (op == "^") return a ^ b;
  if (op == "<") return a < b ? 1 : 0;
  if (op == ">") return a > b ? 1 : 0;
  if (op == "<=") return a <= b ? 1 : 0;
  if (op == ">=") return a >= b ? 1 : 0;
  if (op == "==") return a == b ? 1 : 0;
  if (op == "!=") return a != b ? 1 : 0;
  if (op == "&&") return a != 0 && b != 0 ? 1 : 0;
  return a != 0 || b != 0 ? 1 : 0;
}

wide apply_unary(std::string_view op, wide a) {
  if (op == "-") return -a;
  if (op == "~") return ~a;
  if (op == "!") return a == 0 ? 1 : 0;
  return a;
}

}  // namespace

std::string to_string(integer value) {
  std::string text{value.negative ? "-" : ""};
  return text += std::to_string(value.magnitude);
}

std::optional<integer> parse_number(std::string_view text) {
  while (!text.empty() && std::string_view{"uUlL"}.contains(text.back())) text.remove_suffix(1);
  int base = 10;
  if (text.starts_with("0x") || text.starts_with("0X")) {
    base = 16;
    text.remove_prefix(2);
  } else if (text.size() > 1 && text.starts_with('0')) {
    base = 8;
  }
  if (text.starts_with('\'') || text.ends_with('\'') || text.contains("''")) return std::nullopt;
  std::string digits{text};
  std::erase(digits, '\'');
  integer value;
  const auto* end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, value.magnitude, base);
  if (error != std::errc{} || stop != end) return std::nullopt;
  return value;
}

std::optional<expression> read_expression(std::span<const token> tokens, std::size_t& used,
                                          expression_place place, diagnostics& report) {
  return yard{tokens, place, report}.run(used);
}

std::optional<integer> evaluate(const expression& what, const name_value& value_of,
                                diagnostics& report) {
  std::vector<wide> stack;
  for (const auto& step : what.steps) {
    std::optional<wide> next;
    if (step.kind == expression_step::what::number) {
      next = to_wide(step.value);
    } else if (step.kind == expression_step::what::name) {
      const auto value = value_of(step);
      if (!value) return std::nullopt;
      next = to_wide(*value);
    } else {
      const wide last = stack.back();
      stack.pop_back();
      if (step.kind == expression_step::what::unary) {
        next = apply_unary(step.text, last);
      } else {
        const wide first = stack.back();
        stack.pop_back();
        next = apply(step.text, first, last);
      }
    }
    if (!next || !from_wide(*next)) {
      report.error(step.where, static_cast<std::uint32_t>(step.text.size()),
                   "the value of this expression is no number from -2^63 to 2^64-1");
      return std::nullopt;
    }
    stack.push_back(*next);
  }
  return from_wide(stack.back());
}

}  // namespace tryst::idl
