#include <tryst/json/json.hpp>

namespace tryst::json {

std::string mismatch::message() const { return path.empty() ? what : path + ": " + what; }

std::expected<value, mismatch> parse(std::string_view text) {
  try {
    return value::parse(text);
  } catch (const value::parse_error& error) {
    return std::unexpected{mismatch{{}, "not JSON at byte " + std::to_string(error.byte)}};
  }
}

namespace detail {

bool place::fail(std::string what) {
  if (!problem_) problem_ = mismatch{path_, std::move(what)};
  return false;
}

bool place::expected(std::string_view what, const value& instead) {
  return fail("expected " + std::string{what} + ", not " +
              (instead.is_null()                           ? ""
               : instead.is_array() || instead.is_object() ? "an "
                                                           : "a ") +
              instead.type_name());
}

bool place::may_go_deeper() {
  // Twice what a message may be: a member and what it holds are a step each.
  constexpr std::size_t most = 128;
  return depth_ <= most || fail("nested too deep");
}

place::step::step(place& where, std::string_view name)
    : where_{where}, before_{where.path_.size()} {
  where_.path_ += '/';
  where_.path_ += name;
  ++where_.depth_;
}

place::step::step(place& where, std::size_t index)
    : step{where, std::string_view{std::to_string(index)}} {}

place::step::~step() {
  where_.path_.resize(before_);
  --where_.depth_;
}

}  // namespace detail
}  // namespace tryst::json
