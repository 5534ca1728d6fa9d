// Recursion, sizes, and the rules that need both: after this every type of a model is finite.
#include <algorithm>
#include <limits>

#include "idl/checker.hpp"

namespace tryst::idl {
namespace {

constexpr std::uint64_t endless = std::numeric_limits<std::uint64_t>::max();
constexpr std::uint64_t largest_array = 64U << 20U;
constexpr std::size_t deepest_value = 200;

std::uint64_t plus(std::uint64_t a, std::uint64_t b) { return a > endless - b ? endless : a + b; }
std::uint64_t times(std::uint64_t a, std::uint64_t b) {
  return a != 0 && b > endless / a ? endless : a * b;
}
std::uint64_t padded(std::uint64_t a) { return a > endless - 3 ? endless : (a + 3) / 4 * 4; }

/// visit(type) for each type that a definition is made of; without what its arms have on the heap
/// when only values count.
template <class Visit>
void each_type(const definition& what, bool by_value, Visit visit) {
  if (const auto* made = std::get_if<alias>(&what.what)) visit(made->type);
  if (const auto* made = std::get_if<structure>(&what.what)) {
    for (const auto& next : made->members) visit(next.type);
  }
  if (const auto* made = std::get_if<union_>(&what.what)) {
    visit(made->discriminant_type);
    for (const auto& next : made->arms) {
      if (!by_value || !next.indirect) visit(next.type);
    }
  }
}

class measurer {
public:
  measurer(model& what, diagnostics& report) : model_{what}, report_{report} {}

  void run() {
    if (!walk(true) || !walk(false)) return;
    for (auto& next : model_.definitions) {
      if (next.import) continue;
      if (auto* made = std::get_if<union_>(&next.what)) check_union(*made);
      check_parts(next);
    }
  }

private:
  enum class mark : std::uint8_t { fresh, open, done };
  struct step {
    definition_index index;
    std::vector<definition_index> next;
    std::size_t at = 0;
  };

  /// The definitions that `index` contains: by value only, or in any way.
  std::vector<definition_index> parts(definition_index index, bool by_value) {
    std::vector<definition_index> found;
    each_type(model_.definitions[index], by_value, [&](type_index at) {
      for (;;) {
        const auto& part = model_.types[at];
        if (part.kind == type_kind::named) found.push_back(part.definition);
        const bool inside =
            part.kind == type_kind::array ||
            (!by_value && (part.kind == type_kind::vector || part.kind == type_kind::optional));
        // A typedef of a sequence of itself is as endless as one of itself.
        const bool unnamed = std::holds_alternative<alias>(model_.definitions[index].what) &&
                             (part.kind == type_kind::vector || part.kind == type_kind::optional);
        if (!inside && !unnamed) return;
        at = part.element;
      }
    });
    return found;
  }

  /// Depth first over all definitions, with a stack of its own. By value it finds recursion,
  /// otherwise it computes sizes, parts first.
  bool walk(bool by_value) {
    std::vector<mark> marks(model_.definitions.size(), mark::fresh);
    for (definition_index i = 0; i < marks.size(); ++i) {
      if (marks[i] != mark::fresh) continue;
      std::vector<step> path{{i, parts(i, by_value), 0}};
      marks[i] = mark::open;
      while (!path.empty()) {
        auto& top = path.back();
        if (top.at == top.next.size()) {
          marks[top.index] = mark::done;
          if (!by_value) measure(top.index);
          path.pop_back();
          continue;
        }
        const auto next = top.next[top.at++];
        if (by_value && marks[next] == mark::open && !only_through_alias(path, next)) {
          recursion(path, next);
          return false;
        }
        if (marks[next] != mark::fresh) {
          if (!by_value && marks[next] == mark::open) model_.definitions[next].size.most = endless;
          continue;
        }
        if (by_value && path.size() > deepest_value) {
          const auto& said = model_.definitions[next];
          report_.error(said.where, static_cast<std::uint32_t>(said.name.size()),
                        "types contain each other more than 200 deep here");
          return false;
        }
        marks[next] = mark::open;
        path.push_back({next, parts(next, by_value), 0});
      }
    }
    return true;
  }

  /// Whether the way from `to` back to itself leads through a typedef of a sequence or of
  /// optional data, and through a struct or union that can be named: `typedef node *link;`.
  bool only_through_alias(const std::vector<step>& path, definition_index to) {
    bool indirect = false;
    bool composite = false;
    for (std::size_t i = path.size(); i-- > 0;) {
      const auto& on_path = model_.definitions[path[i].index];
      if (const auto* made = std::get_if<alias>(&on_path.what)) {
        for (type_index at = made->type;;) {
          const auto& part = model_.types[at];
          if (part.kind == type_kind::vector || part.kind == type_kind::optional) indirect = true;
          if (part.kind != type_kind::vector && part.kind != type_kind::optional &&
              part.kind != type_kind::array) {
            break;
          }
          at = part.element;
        }
      } else {
        composite = true;
      }
      if (path[i].index == to) break;
    }
    return indirect && composite;
  }

  void recursion(const std::vector<step>& path, definition_index to) {
    const auto& first = model_.definitions[to];
    auto& said = report_.error(first.where, static_cast<std::uint32_t>(first.name.size()),
                               quote(first.name) + " contains itself, so it has no end");
    const auto begin = std::ranges::find(path, to, &step::index);
    for (auto at = begin; at != path.end() && said.remarks.size() < 8; ++at) {
      if (at == begin) continue;
      const auto& part = model_.definitions[at->index];
      said.remarks.push_back({part.where, "by way of " + quote(part.name)});
    }
    said.hint =
        "make it optional (" + first.name + " *next;) or a sequence (" + first.name + " next<>;)";
  }

  void measure(definition_index index) {
    auto& what = model_.definitions[index];
    const bool open_ended = what.size.most == endless;
    wire_size size;
    if (std::holds_alternative<enumeration>(what.what)) {
      size = {4, 4};
    } else if (std::holds_alternative<external>(what.what)) {
      size = {0, endless};
    } else if (const auto* made = std::get_if<union_>(&what.what)) {
      size = {endless, 0};
      for (const auto& next : made->arms) {
        const auto part = model_.size_of(next.type);
        size = {std::min(size.least, part.least), std::max(size.most, part.most)};
      }
      size = {plus(4, size.least), plus(4, size.most)};
    } else {
      each_type(what, false, [&](type_index at) {
        const auto part = model_.size_of(at);
        size = {plus(size.least, part.least), plus(size.most, part.most)};
      });
    }
    if (open_ended) size.most = endless;
    what.size = size;
  }

  void check_union(union_& made) {
    const auto kind = model_.resolved(made.discriminant_type).kind;
    const auto* named = model_.defined(made.discriminant_type);
    const auto* values = named == nullptr ? nullptr : std::get_if<enumeration>(&named->what);
    const bool number = kind == type_kind::int32 || kind == type_kind::uint32 ||
                        kind == type_kind::boolean || kind == type_kind::int16 ||
                        kind == type_kind::uint16 || kind == type_kind::int8 ||
                        kind == type_kind::uint8;
    if (!number && values == nullptr) {
      // RFC 4506 §4.15.
      report_
          .error(made.discriminant_where, 1,
                 "a union is switched on by an int, an unsigned int, a bool or an enum")
          .hint = kind == type_kind::int64 || kind == type_kind::uint64
                      ? "a hyper has no place as a discriminant on the wire, which is 4 bytes"
                      : "";
      return;
    }
    for (const auto& next : made.arms) {
      for (const auto& label : next.labels) check_label(next, label.value, kind, values);
    }
  }

  void check_label(const arm& in, integer value, type_kind kind, const enumeration* values) {
    const auto say = [&](severity level, const std::string& text) {
      report_.report(level, in.where, 4, "the case " + to_string(value) + text);
    };
    if (kind == type_kind::boolean) {
      if (value.negative || value.magnitude > 1) say(severity::error, " is no bool");
    } else if (values != nullptr) {
      const bool listed = std::ranges::any_of(
          values->values, [&](const auto& one) { return one.value == value.as_int64(); });
      if (!listed && !values->open) say(severity::warning, " is no value of this enum");
      if (!value.fits_int32()) say(severity::error, " has more than 32 bits");
    } else if (kind == type_kind::uint32 || kind == type_kind::uint16 || kind == type_kind::uint8) {
      if (!value.fits_uint32()) say(severity::error, " is no unsigned int");
    } else if (!value.fits_int32()) {
      say(severity::error, " is no int");
    }
  }

  void check_parts(const definition& what) {
    const auto check = [&](type_index at, location where, const std::string& name) {
      if (model_.resolved(at).kind == type_kind::void_ && at != 0) {
        report_.error(where, static_cast<std::uint32_t>(name.size()),
                      "this is a member of type void");
      }
      for (;;) {
        const auto& part = model_.types[at];
        if ((part.kind == type_kind::array &&
             times(part.limit(), std::max<std::uint64_t>(1, model_.size_of(part.element).least)) >
                 largest_array) ||
            (part.kind == type_kind::fixed_opaque && part.limit() > largest_array)) {
          report_
              .error(where, static_cast<std::uint32_t>(name.size()),
                     "an array of this size is always there as a whole, and too large for that")
              .hint = "write " + name + "<" + to_string(part.bound.value) + ">";
        }
        const bool inside = part.kind == type_kind::array || part.kind == type_kind::vector ||
                            part.kind == type_kind::optional;
        if (!inside) return;
        at = part.element;
        if (model_.resolved(at).kind == type_kind::void_) {
          report_.error(where, static_cast<std::uint32_t>(name.size()),
                        "void is nothing, also in a list");
        }
      }
    };
    if (const auto* made = std::get_if<structure>(&what.what)) {
      for (const auto& next : made->members) check(next.type, next.where, next.name);
    } else if (const auto* united = std::get_if<union_>(&what.what)) {
      for (const auto& next : united->arms) {
        if (!next.name.empty()) check(next.type, next.where, next.name);
      }
    } else if (const auto* same = std::get_if<alias>(&what.what)) {
      if (same->type != 0 && model_.resolved(same->type).kind != type_kind::void_) {
        check(same->type, what.where, what.name);
      }
    }
  }

  model& model_;
  diagnostics& report_;
};

}  // namespace

const type& model::resolved(type_index index) const {
  const type* found = &types[index];
  while (found->kind == type_kind::named) {
    const auto* same = std::get_if<alias>(&definitions[found->definition].what);
    if (same == nullptr) break;
    found = &types[same->type];
  }
  return *found;
}

const definition* model::defined(type_index index) const {
  const auto& found = resolved(index);
  return found.kind == type_kind::named ? &definitions[found.definition] : nullptr;
}

wire_size model::size_of(type_index index) const {
  const auto& what = types[index];
  const std::uint64_t bound = what.limit();
  switch (what.kind) {
    case type_kind::void_:
      return {0, 0};
    case type_kind::int64:
    case type_kind::uint64:
    case type_kind::float64:
      return {8, 8};
    case type_kind::quadruple:
      return {16, 16};
    case type_kind::string:
    case type_kind::opaque:
      return {4, plus(4, padded(bound))};
    case type_kind::fixed_opaque:
      return {padded(bound), padded(bound)};
    case type_kind::vector:
      return {4, plus(4, times(bound, size_of(what.element).most))};
    case type_kind::array: {
      const auto one = size_of(what.element);
      return {times(bound, one.least), times(bound, one.most)};
    }
    case type_kind::optional:
      return {4, plus(4, size_of(what.element).most)};
    case type_kind::named:
      return definitions[what.definition].size;
    default:
      return {4, 4};
  }
}

std::string full_name(const definition& what) {
  std::string full;
  for (const auto& part : what.name_space) full += part + "::";
  return full + what.name;
}

void measure(model& what, diagnostics& report) { measurer{what, report}.run(); }

}  // namespace tryst::idl
