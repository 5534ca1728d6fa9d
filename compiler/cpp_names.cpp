#include "cpp_names.hpp"

#include <algorithm>
#include <array>
#include <tryst/idl/lexer.hpp>

namespace tryst::compiler {
namespace {

constexpr std::array macros = std::to_array<std::string_view>({
#include "c_macros.inc"
});

constexpr std::array keywords =
    std::to_array<std::string_view>({"alignas",       "alignof",     "and",
                                     "and_eq",        "asm",         "auto",
                                     "bitand",        "bitor",       "bool",
                                     "break",         "case",        "catch",
                                     "char",          "char16_t",    "char32_t",
                                     "char8_t",       "class",       "co_await",
                                     "co_return",     "co_yield",    "compl",
                                     "concept",       "const",       "const_cast",
                                     "consteval",     "constexpr",   "constinit",
                                     "continue",      "decltype",    "default",
                                     "delete",        "do",          "double",
                                     "dynamic_cast",  "else",        "enum",
                                     "explicit",      "export",      "extern",
                                     "false",         "float",       "for",
                                     "friend",        "goto",        "if",
                                     "inline",        "int",         "long",
                                     "mutable",       "namespace",   "new",
                                     "noexcept",      "not",         "not_eq",
                                     "nullptr",       "operator",    "or",
                                     "or_eq",         "private",     "protected",
                                     "public",        "register",    "reinterpret_cast",
                                     "requires",      "return",      "short",
                                     "signed",        "sizeof",      "static",
                                     "static_assert", "static_cast", "struct",
                                     "switch",        "template",    "this",
                                     "thread_local",  "throw",       "true",
                                     "try",           "typedef",     "typeid",
                                     "typename",      "union",       "unsigned",
                                     "using",         "virtual",     "void",
                                     "volatile",      "wchar_t",     "while",
                                     "xor",           "xor_eq"});

/// Words that generated code needs, wherever it stands.
constexpr std::array own = std::to_array<std::string_view>(
    {"std", "tryst", "view", "xdr_arm", "xdr_discriminant", "xdr_discriminant_name", "xdr_each_arm",
     "xdr_enumerators", "xdr_fields", "xdr_lenient", "xdr_open", "xdr_owner", "xdr_select",
     "xdr_view", "xdr_which"});

/// What C puts into the global namespace, where our namespaces stand.
constexpr std::array global = std::to_array<std::string_view>({
#include "c_functions.inc"
});

/// Words that a version has beside its procedures, and those that a procedure or a stub has inside.
constexpr std::array<std::string_view, 5> version_words{"id", "program_name", "name", "procedures",
                                                        "stub"};
constexpr std::array<std::string_view, 11> inner_words{"version",
                                                       "name",
                                                       "annotations",
                                                       "invoke",
                                                       "number",
                                                       "result",
                                                       "arguments",
                                                       "result_description",
                                                       "argument_descriptions",
                                                       "caller_",
                                                       "Caller"};

template <std::size_t N>
bool has(const std::array<std::string_view, N>& sorted, std::string_view word) {
  return std::ranges::binary_search(sorted, word);
}

}  // namespace

bool cannot_stand(std::string_view word) {
  return has(keywords, word) || has(macros, word) || has(own, word);
}

std::string namespace_of_file(std::string_view path) {
  const auto slash = path.rfind('/');
  if (slash != path.npos) path.remove_prefix(slash + 1);
  std::string name;
  for (const char c : path.substr(0, path.find('.'))) {
    name += idl::is_identifier_part(c) ? c : '_';
  }
  if (name.empty() || !idl::is_identifier_start(name.front())) name.insert(0, 1, '_');
  if (cannot_stand(name) || has(global, name)) name += '_';
  return name;
}

std::string local_names::take(const std::string& word) {
  std::string made = word;
  while (cannot_stand(made) || used_.contains(made) || forbidden_.contains(made)) made += '_';
  used_.insert(made);
  return made;
}

std::string local_names::free(std::string word) const {
  while (used_.contains(word)) word += '_';
  return word;
}

cpp_names::cpp_names(const idl::model& interface, std::string default_namespace,
                     idl::diagnostics& report)
    : model_{interface}, report_{report} {
  const auto count = model_.definitions.size();
  spaces_.resize(count);
  names_.resize(count);
  enumerators_.resize(count);
  versions_.resize(count);
  procedures_.resize(count);
  for (idl::definition_index i = 0; i < count; ++i) {
    const auto& what = model_.definitions[i];
    for (const auto& part : what.name_space) {
      if (!spaces_[i].empty()) spaces_[i] += "::";
      spaces_[i] += cannot_stand(part) ? part + "_" : part;
    }
    if (spaces_[i].empty()) {
      spaces_[i] =
          what.import ? namespace_of_file(model_.imports[*what.import].path) : default_namespace;
    }
  }
  const auto is_program = [&](idl::definition_index i) {
    return std::holds_alternative<idl::program>(model_.definitions[i].what);
  };
  const auto unnamed = [&](idl::definition_index i) {
    return model_.definitions[i].parent && model_.definitions[i].where == idl::location{};
  };
  for (idl::definition_index i = 0; i < count; ++i) {
    const auto& what = model_.definitions[i];
    if (!is_program(i) && !unnamed(i)) names_[i] = take(what.name, spaces_[i], what.where);
  }
  // A type without a name is called after the member that it stands in; its parent stands behind
  // it in the model.
  for (auto i = static_cast<idl::definition_index>(count); i-- > 0;) {
    const auto& what = model_.definitions[i];
    if (unnamed(i))
      names_[i] = take(names_[*what.parent] + "_" + what.name, spaces_[i], what.where);
  }
  for (idl::definition_index i = 0; i < count; ++i) {
    const auto& what = model_.definitions[i];
    if (const auto* made = std::get_if<idl::enumeration>(&what.what)) {
      for (const auto& next : made->values) {
        enumerators_[i].push_back(take(next.name, spaces_[i], next.where));
      }
    }
  }
  for (idl::definition_index i = 0; i < count; ++i) {
    const auto& what = model_.definitions[i];
    if (const auto* made = std::get_if<idl::program>(&what.what)) {
      for (const auto& next : made->versions) {
        const auto& taken = in_space_[spaces_[i]];
        // Two programs may have versions of one name, and a version may be named like a type.
        const bool twice = taken.hides(next.name) && next.name != what.name;
        versions_[i].push_back(
            take(twice ? what.name + "_" + next.name : next.name, spaces_[i], next.where));
        name_version(i, next);
      }
    }
  }
}

void cpp_names::name_version(idl::definition_index program, const idl::version& what) {
  local_names members{{version_words.begin(), version_words.end()}};
  for (const auto word : inner_words) members.forbid(std::string{word});
  members.forbid(versions_[program].back());
  auto& made = procedures_[program].emplace_back();
  for (const auto& next : what.procedures) {
    made.push_back(members.take(next.name));
    changed(next.name, made.back(), next.where);
  }
}

local_names cpp_names::members_of(idl::definition_index program, std::size_t version) const {
  std::vector<std::string_view> words{version_words.begin(), version_words.end()};
  words.emplace_back("Caller");
  for (const auto& name : procedures_[program][version]) words.push_back(name);
  return local_names{words};
}

void cpp_names::changed(const std::string& from, const std::string& to, idl::location where) const {
  if (from == to) return;
  report_.note(where, static_cast<std::uint32_t>(from.size()),
               idl::quote(from) + " is called " + idl::quote(to) + " in C++, where the word " +
                   (cannot_stand(from) ? "means something else" : "is taken"));
}

std::string cpp_names::take(const std::string& word, const std::string& space,
                            idl::location where) {
  auto made = in_space_[space].take(word);
  if (where != idl::location{}) changed(word, made, where);
  return made;
}

std::string cpp_names::qualified(const std::string& space, const std::string& name,
                                 const std::string& at, const local_names& hidden) const {
  // In the same namespace or in one inside of it, unless something nearer has the name.
  const bool inside = at == space || at.starts_with(space + "::");
  bool nearer = hidden.hides(name);
  for (std::string near = at; inside && near != space;) {
    const auto known = in_space_.find(near);
    nearer = nearer || (known != in_space_.end() && known->second.hides(name));
    const auto end = near.rfind("::");
    near = end == near.npos ? space : near.substr(0, end);
  }
  if (inside && !nearer) return name;
  const std::string first = space.substr(0, space.find("::"));
  bool lost = hidden.hides(first);
  for (const auto& [other, names] : in_space_) lost = lost || names.hides(first);
  lost = lost || at.find("::" + first) != at.npos;
  return (lost ? "::" : "") + space + "::" + name;
}

std::string cpp_names::refer(idl::definition_index index, const std::string& at,
                             const local_names& hidden, bool view) const {
  if (!view) return qualified(spaces_[index], names_[index], at, hidden);
  if (at == spaces_[index]) return "view::" + names_[index];
  return qualified(spaces_[index] + "::view", names_[index], at, hidden);
}

std::string cpp_names::refer(const idl::constant_reference& what, const std::string& at,
                             const local_names& hidden) const {
  const auto& name =
      what.enumerator ? enumerators_[what.definition][*what.enumerator] : names_[what.definition];
  return qualified(spaces_[what.definition], name, at, hidden);
}

}  // namespace tryst::compiler
