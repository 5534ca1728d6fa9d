// A capability as it travels: protocols/capability.x, in C++. In a .x of your own
//
//   /* @tryst extern capability as tryst::capability "tryst/bridge/capability.hpp" */
//   program WORK { version WORK_V1 { void DO(task, capability) = 1; } = 1; } = 0x20000110;
//
// or `#include "capability.x"`, which says that to tryst-gen, and the type itself to others.
//
// Path: cap_exchange.hpp → here → xdr/codec.hpp
#pragma once

#include <cstdint>
#include <string>
#include <tryst/xdr/codec.hpp>
#include <utility>
#include <variant>

namespace tryst {

enum class capability_kind : std::int32_t {
  null = 0,       ///< invoking it is an error
  noop = 1,       ///< invoking it does nothing
  operation = 2,  ///< an operation somewhere
};

/// Where an operation is, and which one it is there. One that has a procedure of its own is called
/// like any procedure, and `object` is 0. Others share a transient program (RFC 5531 §8.4), whose
/// procedures are 1 to call, 2 to send and 3 to call if it is taken at once; `object` goes in front
/// of the arguments.
struct operation_name {
  std::string netid;    ///< RFC 5665 §5.1; at most 16 bytes
  std::string address;  ///< universal (RFC 5665 §5.2.3); at most 128 bytes
  std::uint32_t program = 0;
  std::uint32_t version = 0;
  std::uint32_t procedure = 0;
  std::uint64_t object = 0;

  auto operator<=>(const operation_name&) const = default;

  template <class Self, class Visit>
  static constexpr void xdr_fields(Self& self, Visit&& visit) {
    visit("netid", self.netid, xdr::at_most<16>{});
    visit("address", self.address, xdr::at_most<128>{});
    visit("prog", self.program);
    visit("vers", self.version);
    visit("proc", self.procedure);
    visit("object", self.object);
  }
};

/// Null, no-op, or the name of an operation: a value. cap_exchange makes a cap<R(A...)> of it.
class capability {
public:
  /// Null.
  capability() = default;
  capability(operation_name of) : what_{std::move(of)} {}
  static capability noop() {
    capability made;
    made.what_.emplace<1>();
    return made;
  }

  capability_kind kind() const noexcept { return static_cast<capability_kind>(what_.index()); }
  /// Null unless it names an operation.
  const operation_name* operation() const noexcept { return std::get_if<2>(&what_); }

  bool operator==(const capability&) const = default;

private:
  struct nothing {
    bool operator==(const nothing&) const = default;
  };

  std::variant<std::monostate, nothing, operation_name> what_;
};

}  // namespace tryst

template <>
struct tryst::xdr::custom<tryst::capability> {
  static constexpr std::uint64_t min = 4;
  static constexpr std::uint64_t max = 4 + wire_bounds<operation_name>::max;

  static void encode(writer& out, const capability& value) {
    xdr::encode(out, static_cast<std::int32_t>(value.kind()));
    if (value.operation() != nullptr) xdr::encode(out, *value.operation());
  }

  static void decode(reader& in, capability& value) {
    std::int32_t kind = 0;
    xdr::decode(in, kind);
    if (!in.ok()) return;
    switch (static_cast<capability_kind>(kind)) {
      case capability_kind::null:
        value = {};
        return;
      case capability_kind::noop:
        value = capability::noop();
        return;
      case capability_kind::operation: {
        operation_name name;
        xdr::decode(in, name);
        value = std::move(name);
        return;
      }
    }
    in.fail(errc::union_invalid);
  }

  static std::uint64_t size(const capability& value) {
    return 4 + (value.operation() != nullptr ? encoded_size(*value.operation()) : 0);
  }
};
