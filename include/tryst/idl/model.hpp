// An interface with every name looked up and every number computed: what the compiler writes C++
// from, and what the tools read values of unknown programs with.
//
// A model is a value. Types and definitions are kept in two tables and refer to each other by
// index, so it may be copied, and recursive types are no trouble.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <tryst/idl/expression.hpp>
#include <tryst/idl/source.hpp>
#include <tryst/idl/type_kind.hpp>
#include <variant>
#include <vector>

namespace tryst::idl {

using type_index = std::uint32_t;
using definition_index = std::uint32_t;

inline constexpr std::uint32_t unbounded = 0xffffffff;

/// The name of a constant or of an enum's value, where it is used: a constant's definition, or an
/// enum's and the number of the value in it.
struct constant_reference {
  definition_index definition = 0;
  std::optional<std::uint32_t> enumerator;

  bool operator==(const constant_reference&) const = default;
};

/// A number as the .x has it: its value, the text when it is a plain number (`0x20`), the name when
/// it is one.
struct number {
  integer value;
  std::string spelling;
  std::optional<constant_reference> name;
};

struct type {
  type_kind kind = type_kind::void_;
  number bound{.value = {false, unbounded}, .spelling = {}, .name = {}};
  type_index element = 0;
  definition_index definition = 0;

  std::uint32_t limit() const { return static_cast<std::uint32_t>(bound.value.magnitude); }
};

/// What a type takes on the wire, in bytes. `most` is 2^64-1 when there is no bound.
struct wire_size {
  std::uint64_t least = 0;
  std::uint64_t most = 0;

  bool operator==(const wire_size&) const = default;
  bool fixed() const { return least == most; }
};

/// What the comments say: above, and behind on the same line.
struct documentation {
  std::vector<std::string> before;
  std::string behind;
};

struct constant {
  number value;
  std::string text;  ///< "..." with its quotes, when the constant is a string
};

struct enumerator {
  std::string name;
  std::int32_t value = 0;
  std::optional<number> given;  ///< what stands behind the `=`
  documentation about;
  location where;
};
struct enumeration {
  std::vector<enumerator> values;
  bool open = false;  ///< @tryst open: numbers that are not listed are let through
};

struct member {
  std::string name;
  type_index type = 0;
  documentation about;
  location where;
};
struct structure {
  std::vector<member> members;
  bool lenient = false;
  bool view = false;
};

struct arm {
  std::vector<number> labels;
  bool is_default = false;
  std::string name;  ///< empty: void
  type_index type = 0;
  bool indirect = false;  ///< the arm contains its union by value, so it is kept on the heap
  documentation about;
  location where;
};
struct union_ {
  std::string discriminant;
  type_index discriminant_type = 0;
  location discriminant_where;
  std::vector<arm> arms;
  bool lenient = false;
  bool view = false;
};

struct alias {
  type_index type = 0;
};

/// A type that the user supplies.
struct external {
  std::string cpp_name;
  std::string header;
};

struct argument {
  std::string name;  ///< empty: the .x gives none
  type_index type = 0;
};
struct procedure {
  std::string name;
  number value;
  type_index result = 0;
  std::vector<argument> arguments;
  bool idempotent = false;
  bool once = false;
  bool oneway = false;
  bool acknowledged = false;
  std::uint32_t max_wait_ms = 0;
  std::uint32_t max_pending = 0;
  documentation about;
  location where;
};
struct version {
  std::string name;
  number value;
  std::vector<procedure> procedures;  ///< in the order of the .x
  documentation about;
  location where;
};
struct program {
  number value;
  std::vector<version> versions;
};

struct definition {
  std::string name;
  std::vector<std::string> name_space;  ///< of `namespace a { }` around it
  std::variant<constant, enumeration, structure, union_, alias, external, program> what;
  std::optional<definition_index> parent;  ///< the struct or union that it stands in, unnamed
  /// The index into `model::imports` of the interface that it comes from; nothing: this one.
  std::optional<std::uint32_t> import;
  documentation about;
  location where;
  wire_size size;  ///< of its values, when it is a type
};

/// An interface that this one refers to by `%#include "name.h"`, where a name.x is found.
struct import {
  std::string name;  ///< as it is included, without its suffix: "xdr/Stellar-types"
  std::string path;
};

struct model {
  std::vector<std::string> about;  ///< the comment at the top of the file
  std::vector<type> types;
  std::vector<definition> definitions;  ///< in the order of the .x; a nested one before its parent
  std::vector<import> imports;
  std::vector<std::string> pass_through;  ///< the `%` lines
  location pass_through_at;               ///< the first of them

  /// The type without its typedefs.
  const type& resolved(type_index index) const;
  /// The enum, struct, union or external behind the typedefs, or null when it is none of these.
  const definition* defined(type_index index) const;
  /// Bytes on the wire.
  wire_size size_of(type_index index) const;
};

/// `a::b::name`.
std::string full_name(const definition& what);

}  // namespace tryst::idl
