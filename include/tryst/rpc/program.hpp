// What a generated header is made of: the names and numbers of programs, versions and procedures
// (RFC 5531 §12). Nothing here does any work, and nothing here needs Asio or the runtime.
//
// Path: generated header → client.hpp or service.hpp
#pragma once

#include <compare>
#include <cstdint>
#include <string_view>
#include <tryst/xdr/describe.hpp>
#include <tuple>

namespace tryst::rpc {

/// One version of one program: what a service implements and a stub calls.
struct interface_id {
  std::uint32_t program = 0;
  std::uint32_t version = 0;

  auto operator<=>(const interface_id&) const = default;
};

/// What the annotations of a .x say about a procedure (`/* @tryst idempotent, oneway */`).
struct procedure_annotations {
  bool idempotent = false;        ///< running it twice is the same as running it once
  bool once = false;              ///< it must not run twice: see rpc/reply_cache.hpp
  bool oneway = false;            ///< the server sends no reply (RFC 5531 §8, batching)
  bool acknowledged = false;      ///< its callers send: answered when the invocation is queued
  std::uint32_t max_wait_ms = 0;  ///< how long a call may wait in an input statement; 0: no limit
  std::uint32_t max_pending = 0;  ///< how many calls may wait so; 0: what the server says
};

/// The number and the types of a procedure. Result and arguments are described (their bounds, see
/// xdr/describe.hpp) by ResultDescription and ArgumentDescriptions; one that is left out is plain.
template <std::uint32_t Number, class Signature, class ResultDescription = xdr::plain,
          class... ArgumentDescriptions>
struct procedure;

template <std::uint32_t Number, class Result, class... Arguments, class ResultDescription,
          class... ArgumentDescriptions>
struct procedure<Number, Result(Arguments...), ResultDescription, ArgumentDescriptions...> {
  static constexpr std::uint32_t number = Number;
  static constexpr procedure_annotations annotations{};
  using result = Result;
  using arguments = std::tuple<Arguments...>;
  using result_description = ResultDescription;
  /// One description an argument, or none at all when every argument is plain.
  using argument_descriptions = std::tuple<ArgumentDescriptions...>;
};

/// The procedures of a version, in ascending order of their numbers.
template <class... Procedures>
struct procedure_list {
  static constexpr std::size_t size = sizeof...(Procedures);
  static constexpr bool any_once = (Procedures::annotations.once || ...);
};

}  // namespace tryst::rpc
