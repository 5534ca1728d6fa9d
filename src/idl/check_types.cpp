#include <algorithm>
#include <array>

#include "idl/checker.hpp"

namespace tryst::idl {
namespace {

struct spelled_type {
  std::string_view name;
  type_kind kind;
};
/// Names that C's headers give to rpcgen's users. A file that defines one itself has its own way.
constexpr std::array<spelled_type, 36> spelled{
    {{"int8_t", type_kind::int8},         {"uint8_t", type_kind::uint8},
     {"int16_t", type_kind::int16},       {"uint16_t", type_kind::uint16},
     {"int32_t", type_kind::int32},       {"uint32_t", type_kind::uint32},
     {"int64_t", type_kind::int64},       {"uint64_t", type_kind::uint64},
     {"u_int8_t", type_kind::uint8},      {"u_int16_t", type_kind::uint16},
     {"u_int32_t", type_kind::uint32},    {"u_int64_t", type_kind::uint64},
     {"int8", type_kind::int8},           {"uint8", type_kind::uint8},
     {"int16", type_kind::int16},         {"uint16", type_kind::uint16},
     {"int32", type_kind::int32},         {"uint32", type_kind::uint32},
     {"int64", type_kind::int64},         {"uint64", type_kind::uint64},
     {"bool_t", type_kind::boolean},      {"u_char", type_kind::uint8},
     {"uchar", type_kind::uint8},         {"u_short", type_kind::uint16},
     {"ushort", type_kind::uint16},       {"u_int", type_kind::uint32},
     {"uint", type_kind::uint32},         {"u_long", type_kind::uint32},
     {"ulong", type_kind::uint32},        {"quad_t", type_kind::int64},
     {"u_quad_t", type_kind::uint64},     {"longlong_t", type_kind::int64},
     {"u_longlong_t", type_kind::uint64}, {"rpcprog_t", type_kind::uint32},
     {"rpcvers_t", type_kind::uint32},    {"rpcproc_t", type_kind::uint32}}};

/// Types of <rpc/types.h> and its neighbours that are opaque data.
struct spelled_opaque {
  std::string_view name;
  type_kind kind;
  std::uint32_t bound;
};
constexpr std::array<spelled_opaque, 2> spelled_opaques{
    {{"netobj", type_kind::opaque, 1024}, {"des_block", type_kind::fixed_opaque, 8}}};

type named_type(definition_index index) {
  type made;
  made.kind = type_kind::named;
  made.definition = index;
  return made;
}

}  // namespace

type_index checker::add_type(type what) {
  out_.types.push_back(std::move(what));
  return static_cast<type_index>(out_.types.size() - 1);
}

void checker::undefined_type(const syntax::word& name) {
  std::vector<std::string_view> known;
  for (const auto& [full, index] : names_) {
    if (!std::holds_alternative<constant>(out_.definitions[index].what)) known.push_back(full);
  }
  for (const auto& one : spelled) known.push_back(one.name);
  for (const std::string_view one : {"int", "unsigned", "hyper", "float", "double", "quadruple",
                                     "bool", "string", "opaque", "struct", "union", "enum"}) {
    known.push_back(one);
  }
  auto& said = report_.error(name.where, name.length(), "there is no type " + quote(name.text));
  const auto meant = nearest(name.text, known);
  said.hint = meant.empty() ? "read the .x that defines it first, --include=FILE, or say that you "
                              "supply it: /* @tryst extern " +
                                  name.text + " \"my_header.hpp\" */"
                            : "did you mean " + std::string{meant} + "?";
}

type_index checker::simple_type(const syntax::type_specifier& what, const place& at) {
  if (what.has_body()) {
    return std::visit(
        [&](const auto& body) -> type_index {
          if constexpr (std::is_same_v<std::decay_t<decltype(body)>, std::monostate>) {
            return 0;
          } else {
            return add_type(named_type(bodies_.at(body.get())));
          }
        },
        what.body);
  }
  type made;
  if (what.basic) {
    made.kind = *what.basic;
    return add_type(made);
  }
  const auto* found = find(what.name.text, at);
  if (found != nullptr) {
    const auto& meant = out_.definitions[*found];
    if (!std::holds_alternative<constant>(meant.what) &&
        !std::holds_alternative<program>(meant.what)) {
      return add_type(named_type(*found));
    }
    report_.error(what.name.where, what.name.length(), quote(what.name.text) + " is not a type")
        .remarks.push_back({meant.where, "it is a constant"});
    return 0;
  }
  const auto* known = std::ranges::find(spelled, what.name.text, &spelled_type::name);
  if (known != spelled.end()) {
    made.kind = known->kind;
    return add_type(made);
  }
  const auto* bytes = std::ranges::find(spelled_opaques, what.name.text, &spelled_opaque::name);
  if (bytes != spelled_opaques.end()) {
    made.kind = bytes->kind;
    made.bound = {{false, bytes->bound}, {}, {}};
    return add_type(made);
  }
  undefined_type(what.name);
  made.kind = type_kind::int32;
  return add_type(made);
}

type_index checker::wrap(type_index inner, const syntax::declaration& what, std::size_t used,
                         const place& at) {
  for (int i = 0; i < what.stars; ++i) {
    type made;
    made.kind = type_kind::optional;
    made.element = inner;
    inner = add_type(made);
  }
  // x[2]<3> is an array of two sequences: the last suffix is the innermost.
  for (std::size_t i = used; i-- > 0;) {
    const auto bound = bound_of(what.suffixes[i], at);
    type made;
    made.kind = what.suffixes[i].variable ? type_kind::vector : type_kind::array;
    made.bound = bound.value_or(number{{false, 1}, {}, {}});
    made.element = inner;
    inner = add_type(made);
  }
  return inner;
}

/// string and opaque: the last suffix is theirs.
type_index checker::text_type(const syntax::declaration& what, const place& at) {
  const bool is_string = what.type.basic == type_kind::string;
  const std::string name{is_string ? "string" : "opaque"};
  type made;
  made.kind = *what.type.basic;
  if (what.suffixes.empty()) {
    if (!is_string) {
      report_.error(what.type.where, what.type.length, "opaque data needs a length").hint =
          "write opaque x[8] for exactly 8 bytes, opaque x<8> for up to 8, or opaque x<>";
    }
    return wrap(add_type(made), what, 0, at);
  }
  const auto& own = what.suffixes.back();
  if (is_string && !own.variable) {
    report_.error(own.where, 1, "a string has a bound in < >, not a size in [ ]").hint =
        "for an array of strings define the string first: typedef string name<>;";
    return add_type(made);
  }
  if (what.stars != 0) {
    report_.error(own.where, 1, "it is not clear what the * stands for beside a bound").hint =
        "define the inner type first: typedef " + name + " name<>;";
    return add_type(made);
  }
  if (!own.variable) made.kind = type_kind::fixed_opaque;
  made.bound = bound_of(own, at, !is_string).value_or(number{{false, 1}, {}, {}});
  return wrap(add_type(made), what, what.suffixes.size() - 1, at);
}

type_index checker::type_of(const syntax::declaration& what, const place& at) {
  if (what.type.basic == type_kind::string || what.type.basic == type_kind::opaque) {
    return text_type(what, at);
  }
  if (what.type.basic == type_kind::void_) {
    if (what.stars != 0 || !what.suffixes.empty()) {
      report_.error(what.type.where, what.type.length, "void is nothing, also in a list");
    }
    return 0;
  }
  return wrap(simple_type(what.type, at), what, what.suffixes.size(), at);
}

void checker::annotate(definition& what, const syntax::remarks& about) {
  for (const auto& note : about.annotations) {
    const auto& word = note.name.text;
    auto* structure_here = std::get_if<structure>(&what.what);
    auto* union_here = std::get_if<union_>(&what.what);
    auto* enum_here = std::get_if<enumeration>(&what.what);
    if (!note.value.empty()) {
      report_.error(note.name.where, note.name.length(), quote(word) + " takes no value here");
    } else if ((word == "view" || word == "lenient") && structure_here != nullptr) {
      (word == "view" ? structure_here->view : structure_here->lenient) = true;
    } else if ((word == "view" || word == "lenient") && union_here != nullptr) {
      (word == "view" ? union_here->view : union_here->lenient) = true;
    } else if (word == "open" && enum_here != nullptr) {
      enum_here->open = true;
    } else {
      report_.error(note.name.where, note.name.length(), quote(word) + " does not belong here")
          .hint = word == "open"                        ? "open is said of an enum"
                  : word == "view" || word == "lenient" ? word + " is said of a struct or a union"
                                                        : word + " is said of a procedure";
    }
  }
}

void checker::fill(definition_index index) {
  const entry from = entries_[index];
  if (out_.definitions[index].import) return;
  if (from.from != nullptr) {
    auto& what = out_.definitions[index];
    if (what.about.before.empty() && what.about.behind.empty())
      what.about = document(from.from->about);
    const bool annotated =
        from.alias == nullptr && !std::holds_alternative<syntax::declaration>(from.from->what);
    const bool beside = from.alias != nullptr && from.alias->type.has_body();
    if (annotated || (from.alias != nullptr && !beside)) annotate(what, from.from->about);
  }
  if (from.constant != nullptr) compute_constant(index);
  if (from.enumeration != nullptr) compute_enum(index);
  if (from.alias != nullptr) {
    const auto made = type_of(*from.alias, place_of(index));
    out_.definitions[index].what = alias{made};
  }
  if (from.structure != nullptr) fill_structure(index, *from.structure);
  if (from.union_ != nullptr) fill_union(index, *from.union_);
  if (from.program != nullptr) fill_program(index, *from.program);
}

void checker::fill_structure(definition_index index, const syntax::structure& from) {
  structure made = std::get<structure>(out_.definitions[index].what);
  std::map<std::string_view, location> seen;
  for (const auto& next : from.members) {
    for (const auto& note : next.about.annotations) {
      report_.error(note.name.where, note.name.length(), "a member has no annotations");
    }
    if (next.is_void()) continue;
    const auto [known, is_new] = seen.emplace(next.name.text, next.name.where);
    if (!is_new) twice(next.name.text, next.name.where, known->second);
    made.members.push_back(
        {next.name.text, type_of(next, place_of(index)), document(next.about), next.name.where});
  }
  out_.definitions[index].what = std::move(made);
}

void checker::fill_arm(union_& made, const syntax::arm& from, const place& at) {
  for (const auto& note : from.about.annotations) {
    report_.error(note.name.where, note.name.length(), "an arm has no annotations");
  }
  arm added;
  added.is_default = from.is_default;
  added.where = from.where;
  added.about = document(from.about);
  for (const auto& label : from.labels) {
    if (const auto value = compute(label, at)) added.labels.push_back(*value);
  }
  if (from.member) {
    added.name = from.member->name.text;
    added.type = type_of(*from.member, at);
    for (const auto& other : made.arms) {
      if (other.name == added.name) twice(added.name, from.member->name.where, other.where);
    }
  }
  made.arms.push_back(std::move(added));
}

void checker::fill_union(definition_index index, const syntax::union_& from) {
  union_ made = std::get<union_>(out_.definitions[index].what);
  const auto& at = place_of(index);
  made.discriminant = from.discriminant.name.text;
  made.discriminant_where = from.discriminant.type.where;
  made.discriminant_type = type_of(from.discriminant, at);
  for (const auto& next : from.arms) fill_arm(made, next, place_of(index));
  if (made.arms.empty()) {
    report_.error(from.discriminant.type.where, from.discriminant.type.length,
                  "a union needs at least one arm");
  }
  check_labels(made, from);
  out_.definitions[index].what = std::move(made);
}

void checker::check_labels(const union_& made, const syntax::union_& from) {
  std::map<std::int64_t, location> seen;
  const syntax::arm* default_arm = nullptr;
  for (std::size_t i = 0; i < from.arms.size(); ++i) {
    if (from.arms[i].is_default) {
      if (default_arm != nullptr) {
        report_.error(from.arms[i].where, 7, "a union has one default at most")
            .remarks.push_back({default_arm->where, "the first one is here"});
      }
      default_arm = &from.arms[i];
    }
    if (made.arms[i].labels.size() != from.arms[i].labels.size()) continue;
    for (std::size_t j = 0; j < from.arms[i].labels.size(); ++j) {
      const auto& label = from.arms[i].labels[j];
      const auto& value = made.arms[i].labels[j].value;
      const auto [known, is_new] = seen.emplace(value.as_int64(), label.where);
      if (!is_new) {
        report_.error(label.where, label.length, "the case " + to_string(value) + " is there twice")
            .remarks.push_back({known->second, "the first one is here"});
      }
    }
  }
}

}  // namespace tryst::idl
