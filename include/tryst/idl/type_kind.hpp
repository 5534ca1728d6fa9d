// What a type can be: the kinds that the language has words for, and those that are made of others.
//
// Path: here → syntax.hpp, model.hpp
#pragma once

#include <cstdint>

namespace tryst::idl {

enum class type_kind : std::uint8_t {
  void_,
  boolean,
  int8,
  uint8,
  int16,
  uint16,
  int32,
  uint32,
  int64,
  uint64,
  float32,
  float64,
  quadruple,
  string,        ///< string<bound>
  opaque,        ///< opaque<bound>
  fixed_opaque,  ///< opaque[bound]
  vector,        ///< element<bound>
  array,         ///< element[bound]
  optional,      ///< element*
  named,         ///< a definition: enum, struct, union, alias or external
};

}  // namespace tryst::idl
