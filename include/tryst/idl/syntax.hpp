// What stands in a .x, as it stands there: names are not looked up and nothing is computed.
//
// RFC 4506 §6.3 and RFC 5531 §12.2 give the grammar; docs/idl.md says what is taken beyond it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <tryst/idl/expression.hpp>
#include <tryst/idl/type_kind.hpp>
#include <variant>
#include <vector>

namespace tryst::idl::syntax {

/// A name where it stands.
struct word {
  std::string text;
  location where;

  std::uint32_t length() const { return static_cast<std::uint32_t>(text.size()); }
};

/// One word of `/* @tryst idempotent, max_wait=20s */`: a name, and what stands behind the `=`.
struct annotation {
  word name;
  std::string value;
};

/// What belongs to a definition or a member besides its syntax.
struct remarks {
  std::vector<std::string> before;  ///< lines of the comments above it
  std::string behind;               ///< the comment behind it on its line
  std::vector<annotation> annotations;
};

struct enumeration;
struct structure;
struct union_;

/// A type without its declarator.
struct type_specifier {
  std::optional<type_kind> basic;  ///< void to opaque: a kind that the language has a word for
  word name;                       ///< of a type defined elsewhere: no `basic`, and no body
  std::variant<std::monostate, std::shared_ptr<enumeration>, std::shared_ptr<structure>,
               std::shared_ptr<union_>>
      body;
  location where;
  std::uint32_t length = 1;

  bool has_body() const { return body.index() != 0; }
};

/// `[n]`, `<n>` or `<>`.
struct suffix {
  bool variable = false;
  std::optional<expression> bound;
  location where;
};

/// `type *name<bound>`: a member, an argument, an arm or a typedef.
struct declaration {
  type_specifier type;
  int stars = 0;
  word name;  ///< empty where a name may be left out
  std::vector<suffix> suffixes;
  remarks about;

  bool is_void() const { return type.basic == type_kind::void_ && stars == 0; }
};

struct enumerator {
  word name;
  std::optional<expression> value;
  remarks about;
};
struct enumeration {
  word name;
  std::vector<enumerator> values;
};
struct structure {
  word name;
  std::vector<declaration> members;
};
struct arm {
  std::vector<expression> labels;
  bool is_default = false;
  location where;
  std::optional<declaration> member;  ///< nothing: void
  remarks about;
};
struct union_ {
  word name;
  declaration discriminant;
  std::vector<arm> arms;
};

struct constant {
  word name;
  std::optional<expression> value;
  std::string text;  ///< "..." of `const X = "..."`
};
struct procedure {
  declaration result;
  word name;
  std::vector<declaration> arguments;
  expression number;
  remarks about;
};
struct version {
  word name;
  std::vector<procedure> procedures;
  expression number;
  remarks about;
};
struct program {
  word name;
  std::vector<version> versions;
  expression number;
};

/// `@tryst extern NAME as C++NAME "header"`.
struct external {
  word name;
  std::string cpp_name;
  std::string header;
};

struct definition {
  std::variant<constant, declaration, enumeration, structure, union_, program, external> what;
  std::vector<std::string> name_space;  ///< of `namespace a { ... }` around it
  remarks about;
};

struct file {
  std::vector<std::string> about;  ///< the comment at the top of the first file
  std::vector<definition> definitions;
};

}  // namespace tryst::idl::syntax
