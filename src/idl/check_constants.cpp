#include <algorithm>
#include <array>

#include "idl/checker.hpp"

namespace tryst::idl {
namespace {

constexpr int deepest_reference = 200;

/// Constants of C's RPC headers that interfaces use without saying so.
struct well_known_constant {
  std::string_view name;
  std::uint32_t value;
};
constexpr std::array well_known = std::to_array<well_known_constant>({{"MAXNETNAMELEN", 255},
                                                                      {"MAX_MACHINE_NAME", 255},
                                                                      {"MAX_NETOBJ_SZ", 1024},
                                                                      {"AUTH_NONE", 0},
                                                                      {"AUTH_NULL", 0},
                                                                      {"AUTH_SYS", 1},
                                                                      {"AUTH_UNIX", 1},
                                                                      {"AUTH_SHORT", 2},
                                                                      {"AUTH_DES", 3},
                                                                      {"AUTH_DH", 3},
                                                                      {"RPCSEC_GSS", 6},
                                                                      {"IPPROTO_TCP", 6},
                                                                      {"IPPROTO_UDP", 17}});
/// Constants of C that are other numbers elsewhere: these are Linux's, and worth a warning.
constexpr std::array of_linux = std::to_array<well_known_constant>({{"IFNAMSIZ", 16},
                                                                    {"INET6_ADDRSTRLEN", 46},
                                                                    {"INET_ADDRSTRLEN", 16},
                                                                    {"MAXHOSTNAMELEN", 64},
                                                                    {"HOST_NAME_MAX", 64},
                                                                    {"MAXNAMLEN", 255},
                                                                    {"MAXPATHLEN", 4096},
                                                                    {"NAME_MAX", 255},
                                                                    {"PATH_MAX", 4096},
                                                                    {"UNIX_PATH_MAX", 108}});

std::uint32_t width(std::string_view text) { return static_cast<std::uint32_t>(text.size()); }

}  // namespace

void checker::unknown_constant(const expression_step& name, const place&) {
  std::vector<std::string_view> known;
  for (const auto& [full, where] : values_) known.push_back(full);
  for (const auto& [full, index] : names_) {
    if (std::holds_alternative<constant>(out_.definitions[index].what)) known.push_back(full);
  }
  auto& said =
      report_.error(name.where, width(name.text), "there is no constant " + quote(name.text));
  const auto meant = nearest(name.text, known);
  said.hint = meant.empty()
                  ? "if it is defined in a header of C, say what it is: -D" + name.text + "=NUMBER"
                  : "did you mean " + std::string{meant} + "?";
}

std::optional<integer> checker::value_of(constant_reference what, location used_at) {
  const auto index = what.definition;
  if (depth_ > deepest_reference) {
    report_.error(used_at, 1, "constants refer to each other too deep here");
    return std::nullopt;
  }
  if (!what.enumerator) {
    ++depth_;
    compute_constant(index);
    --depth_;
    const auto& found = out_.definitions[index];
    if (entries_[index].computed != entry::state::done) {
      report_.error(used_at, width(found.name), quote(found.name) + " depends on itself")
          .remarks.push_back({found.where, "it is defined here"});
      return std::nullopt;
    }
    return std::get<constant>(found.what).value.value;
  }
  const auto known = [&] {
    return std::get<enumeration>(out_.definitions[index].what).values.size();
  };
  if (known() <= *what.enumerator) {
    ++depth_;
    compute_enum(index);
    --depth_;
  }
  if (known() <= *what.enumerator) {
    report_.error(used_at, 1, "the value of this depends on itself");
    return std::nullopt;
  }
  const auto value =
      std::get<enumeration>(out_.definitions[index].what).values[*what.enumerator].value;
  return integer{value < 0, value < 0 ? 0 - static_cast<std::uint64_t>(value)
                                      : static_cast<std::uint64_t>(value)};
}

std::optional<integer> checker::value_of(const expression_step& name, const place& at) {
  if (const auto found = find_constant(name.text, at)) return value_of(*found, name.where);
  if (name.text == "TRUE") return integer{false, 1};
  if (name.text == "FALSE") return integer{};
  const auto defined = defines_.find(name.text);
  if (defined != defines_.end() && depth_ < deepest_reference) {
    ++depth_;
    const auto value = evaluate(
        *defined->second, [&](const expression_step& inner) { return value_of(inner, at); },
        report_);
    --depth_;
    return value;
  }
  // rpcgen's users write the name of a procedure for its number.
  const auto numbered = numbers_.find(name.text);
  if (numbered != numbers_.end() && depth_ < deepest_reference) {
    ++depth_;
    const auto value = compute(*numbered->second, at);
    --depth_;
    if (!value) return std::nullopt;
    return value->value;
  }
  const auto* known = std::ranges::find(well_known, name.text, &well_known_constant::name);
  if (known != well_known.end()) return integer{false, known->value};
  const auto* guessed = std::ranges::find(of_linux, name.text, &well_known_constant::name);
  if (guessed != of_linux.end()) {
    report_
        .warning(name.where, width(name.text),
                 quote(name.text) + " is taken to be " + std::to_string(guessed->value) +
                     ", as in the headers of Linux")
        .hint = "say it in the interface: const " + name.text + " = ...;";
    return integer{false, guessed->value};
  }
  unknown_constant(name, at);
  return std::nullopt;
}

std::optional<number> checker::compute(const expression& what, const place& at) {
  const auto value =
      evaluate(what, [&](const expression_step& name) { return value_of(name, at); }, report_);
  if (!value) return std::nullopt;
  number made{*value, {}, {}};
  if (const auto* only = what.only()) {
    if (only->kind == expression_step::what::name) {
      made.name = find_constant(only->text, at);
    } else if (only->text.front() != '\'') {
      made.spelling = only->text;
      while (!made.spelling.empty() && std::string_view{"uUlL"}.contains(made.spelling.back())) {
        made.spelling.pop_back();
      }
    }
  }
  return made;
}

void checker::compute_constant(definition_index index) {
  if (entries_[index].computed != entry::state::fresh) return;
  entries_[index].computed = entry::state::begun;
  const auto& from = *entries_[index].constant;
  constant made;
  made.text = from.text;
  if (from.value) {
    const auto value = compute(*from.value, place_of(index));
    if (value) made.value = *value;
  }
  out_.definitions[index].what = std::move(made);
  entries_[index].computed = entry::state::done;
}

void checker::compute_enum(definition_index index) {
  if (entries_[index].computed != entry::state::fresh) return;
  entries_[index].computed = entry::state::begun;
  const auto& from = *entries_[index].enumeration;
  const auto made = [&]() -> enumeration& {
    return std::get<enumeration>(out_.definitions[index].what);
  };
  std::int64_t next = 0;
  for (const auto& value : from.values) {
    enumerator added{value.name.text, 0, {}, document(value.about), value.name.where};
    if (value.value) {
      added.given = compute(*value.value, place_of(index));
      if (!added.given) added.given = number{};
      const auto& given = added.given->value;
      if (!given.fits_int32() && !given.fits_uint32()) {
        report_.error(value.value->where, value.value->length,
                      "a value of an enum has 32 bits, " + to_string(given) + " needs more");
      } else if (!given.fits_int32()) {
        report_.warning(value.value->where, value.value->length,
                        "a value of an enum is a signed number: this is " +
                            std::to_string(static_cast<std::int32_t>(given.as_int64())));
      }
      next = static_cast<std::int32_t>(given.as_int64());
    }
    if (next > 0x7fffffff) {
      report_.error(
          value.name.where, value.name.length(),
          "the value of " + quote(value.name.text) + " would be 2^31, which is too large");
      next = 0;
    }
    added.value = static_cast<std::int32_t>(next++);
    for (const auto& note : value.about.annotations) {
      report_.error(note.name.where, note.name.length(), "a value of an enum has no annotations");
    }
    made().values.push_back(std::move(added));
  }
  if (from.values.empty()) {
    report_.error(out_.definitions[index].where, width(out_.definitions[index].name),
                  "an enum needs at least one value");
  }
  entries_[index].computed = entry::state::done;
}

std::optional<number> checker::bound_of(const syntax::suffix& what, const place& at,
                                        bool of_opaque) {
  if (!what.bound) return number{{false, unbounded}, {}, {}};
  const auto bound = compute(*what.bound, at);
  if (!bound) return std::nullopt;
  const auto wrong = [&](std::string text) -> diagnostic& {
    return report_.error(what.bound->where, what.bound->length, std::move(text));
  };
  if (bound->value.negative) {
    wrong("a bound cannot be negative, and this is " + to_string(bound->value));
    return std::nullopt;
  }
  if (bound->value.magnitude == 0 && of_opaque && !what.variable) {
    // RFC 5531 §9 itself has `opaque results[0];` for results that follow.
    report_.warning(what.bound->where, what.bound->length, "nothing fits into zero bytes");
    return bound;
  }
  if (bound->value.magnitude == 0) {
    wrong("a bound of zero leaves room for nothing").hint =
        what.variable ? "leave the member out, or write <> for no bound" : "leave the member out";
    return std::nullopt;
  }
  if (!bound->value.fits_uint32()) {
    wrong("a bound is at most 4294967295, and this is " + to_string(bound->value));
    return std::nullopt;
  }
  return bound;
}

}  // namespace tryst::idl
