#include "cpp_types.hpp"

#include <algorithm>

namespace tryst::compiler {
namespace {

using idl::type_kind;

const char* simple_name(type_kind kind) {
  switch (kind) {
    case type_kind::boolean:
      return "bool";
    case type_kind::int8:
      return "std::int8_t";
    case type_kind::uint8:
      return "std::uint8_t";
    case type_kind::int16:
      return "std::int16_t";
    case type_kind::uint16:
      return "std::uint16_t";
    case type_kind::int32:
      return "std::int32_t";
    case type_kind::uint32:
      return "std::uint32_t";
    case type_kind::int64:
      return "std::int64_t";
    case type_kind::uint64:
      return "std::uint64_t";
    case type_kind::float32:
      return "float";
    case type_kind::float64:
      return "double";
    case type_kind::quadruple:
      return "tryst::xdr::quadruple";
    case type_kind::string:
      return "std::string";
    case type_kind::opaque:
      return "std::vector<std::byte>";
    default:
      return "void";
  }
}

bool is_number_of_4_or_8_bytes(type_kind kind) {
  return kind == type_kind::int32 || kind == type_kind::uint32 || kind == type_kind::int64 ||
         kind == type_kind::uint64 || kind == type_kind::float32 || kind == type_kind::float64;
}

}  // namespace

cpp_types::cpp_types(const cpp_names& names) : names_{names}, model_{names.interface()} {
  find_views();
}

std::string cpp_types::bound(const idl::number& what, const cpp_place& at) const {
  if (what.name) return names_.refer(*what.name, at.name_space, *at.hidden);
  return what.spelling.empty() ? idl::to_string(what.value) : what.spelling;
}

std::string cpp_types::literal(const idl::number& what, const cpp_place& at) const {
  if (!what.name && what.spelling.empty() && what.value == idl::integer{true, 0x80000000U}) {
    return "-2147483647 - 1";
  }
  return bound(what, at);
}

std::string cpp_types::spell(idl::type_index index, const cpp_place& at) const {
  const auto& given = model_.types[index];
  const auto& what = at.view ? model_.resolved(index) : given;
  if (at.view && !model_.size_of(index).fixed()) return spell_view(what, at);
  switch (what.kind) {
    case type_kind::fixed_opaque:
      return "std::array<std::byte, " + bound(what.bound, at) + ">";
    case type_kind::vector:
      return "std::vector<" + spell(what.element, at) + ">";
    case type_kind::array:
      return "std::array<" + spell(what.element, at) + ", " + bound(what.bound, at) + ">";
    case type_kind::optional:
      return "tryst::xdr::optional_data<" + spell(what.element, at) + ">";
    case type_kind::named:
      return names_.refer(what.definition, at.name_space, *at.hidden);
    default:
      return simple_name(what.kind);
  }
}

std::string cpp_types::spell_view(const idl::type& what, const cpp_place& at) const {
  switch (what.kind) {
    case type_kind::string:
      return "std::string_view";
    case type_kind::opaque:
      return "std::span<const std::byte>";
    case type_kind::vector: {
      const bool numbers = is_number_of_4_or_8_bytes(model_.resolved(what.element).kind);
      return (numbers ? "tryst::xdr::number_view<" : "tryst::xdr::view_array<") +
             spell(what.element, at) + ">";
    }
    case type_kind::array:
      return "std::array<" + spell(what.element, at) + ", " + bound(what.bound, at) + ">";
    case type_kind::optional: {
      const auto& element = model_.resolved(what.element);
      const bool list = element.kind == type_kind::named && is_list_node(element.definition);
      return (list ? "tryst::xdr::view_list<" : "tryst::xdr::view_optional<") +
             spell(what.element, at) + ">";
    }
    case type_kind::named:
      return names_.refer(what.definition, at.name_space, *at.hidden,
                          views_.contains(what.definition));
    default:
      return simple_name(what.kind);
  }
}

std::string cpp_types::describe(idl::type_index index, const cpp_place& at) const {
  const auto& what = model_.resolved(index);
  switch (what.kind) {
    case type_kind::string:
    case type_kind::opaque:
      if (what.limit() == idl::unbounded) return {};
      return "tryst::xdr::at_most<" + bound(what.bound, at) + ">";
    case type_kind::vector: {
      const auto element = describe(what.element, at);
      if (what.limit() == idl::unbounded && element.empty()) return {};
      const auto most =
          what.limit() == idl::unbounded ? "tryst::xdr::unbounded" : bound(what.bound, at);
      return "tryst::xdr::at_most<" + most + (element.empty() ? "" : ", " + element) + ">";
    }
    case type_kind::array:
    case type_kind::optional: {
      const auto element = describe(what.element, at);
      return element.empty() ? "" : "tryst::xdr::each<" + element + ">";
    }
    default:
      return {};
  }
}

std::string cpp_types::remark(idl::type_index index, const cpp_place& at) const {
  const auto& what = model_.resolved(index);
  const bool bounded = what.kind == type_kind::string || what.kind == type_kind::opaque ||
                       what.kind == type_kind::vector;
  if (!bounded || what.limit() == idl::unbounded) return {};
  return "at most " + bound(what.bound, at);
}

std::string cpp_types::initializer(idl::type_index index) const {
  const auto& what = model_.resolved(index);
  switch (what.kind) {
    case type_kind::string:
    case type_kind::opaque:
    case type_kind::vector:
    case type_kind::optional:
      return "";
    case type_kind::named: {
      const auto& meant = model_.definitions[what.definition].what;
      return std::holds_alternative<idl::enumeration>(meant) ||
                     std::holds_alternative<idl::external>(meant)
                 ? "{}"
                 : "";
    }
    default:
      return "{}";
  }
}

bool cpp_types::is_list_node(idl::definition_index index) const {
  const auto* made = std::get_if<idl::structure>(&model_.definitions[index].what);
  if (made == nullptr || made->members.empty()) return false;
  const auto& last = model_.resolved(made->members.back().type);
  if (last.kind != type_kind::optional) return false;
  const auto& element = model_.resolved(last.element);
  return element.kind == type_kind::named && element.definition == index;
}

/// A union with an arm on the heap has no view: a view that contains it holds it as it is.
bool cpp_types::owns_itself(const idl::definition& what) {
  const auto* made = std::get_if<idl::union_>(&what.what);
  return made != nullptr && std::ranges::any_of(made->arms, &idl::arm::indirect);
}

void cpp_types::find_views() {
  std::vector<idl::definition_index> open;
  for (idl::definition_index i = 0; i < model_.definitions.size(); ++i) {
    const auto& next = model_.definitions[i];
    const auto* made = std::get_if<idl::structure>(&next.what);
    const auto* united = std::get_if<idl::union_>(&next.what);
    if (owns_itself(next)) continue;
    if (((made != nullptr && made->view) || (united != nullptr && united->view)) &&
        !next.size.fixed() && !next.import) {
      open.push_back(i);
    }
  }
  while (!open.empty()) {
    const auto index = open.back();
    open.pop_back();
    if (!views_.insert(index).second) continue;
    const auto visit = [&](idl::type_index at) {
      for (;;) {
        const auto& part = model_.resolved(at);
        if (part.kind == type_kind::named) {
          const auto& meant = model_.definitions[part.definition];
          const bool composite = std::holds_alternative<idl::structure>(meant.what) ||
                                 std::holds_alternative<idl::union_>(meant.what);
          if (composite && !meant.size.fixed() && !owns_itself(meant))
            open.push_back(part.definition);
          return;
        }
        if (part.kind != type_kind::vector && part.kind != type_kind::array &&
            part.kind != type_kind::optional) {
          return;
        }
        at = part.element;
      }
    };
    const auto& what = model_.definitions[index].what;
    if (const auto* made = std::get_if<idl::structure>(&what)) {
      for (const auto& next : made->members) visit(next.type);
    } else if (const auto* united = std::get_if<idl::union_>(&what)) {
      for (const auto& next : united->arms) visit(next.type);
    }
  }
}

void cpp_types::needs(idl::type_index index, std::vector<idl::definition_index>& complete,
                      std::vector<idl::definition_index>& later,
                      std::vector<idl::definition_index>& declared) const {
  auto* into = &complete;
  for (idl::type_index at = index;;) {
    const auto& what = model_.types[at];
    if (what.bound.name) complete.push_back(what.bound.name->definition);
    if (what.kind == type_kind::named) {
      const auto& meant = model_.definitions[what.definition];
      const auto* same = std::get_if<idl::alias>(&meant.what);
      if (same == nullptr) {
        into->push_back(what.definition);
        return;
      }
      declared.push_back(what.definition);
      at = same->type;
      continue;
    }
    if (what.kind == type_kind::optional) into = &declared;
    if (what.kind == type_kind::vector && into == &complete) into = &later;
    if (what.kind != type_kind::optional && what.kind != type_kind::vector &&
        what.kind != type_kind::array) {
      return;
    }
    at = what.element;
  }
}

}  // namespace tryst::compiler
