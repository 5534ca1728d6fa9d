// Messages to a server, put together by hand (RFC 5531 §9), and the service that they are for.
#pragma once

#include <tryst/xdr/writer.hpp>

#include "compiler/golden/calc.hpp"
#include "dispatch/played_transport.hpp"

namespace tryst::test {

struct calculator {
  std::int32_t ADD(calc::pair p) { return p.a + p.b; }
  calc::quotient DIVIDE(std::int32_t a, std::int32_t b, calc::rounding) {
    if (b == -1) throw rpc::refusal{.code = errc::auth_too_weak};
    if (b == -2) throw 2;
    calc::quotient q;
    q.set_value(b == 0 ? 0 : a / b);
    return q;
  }
  std::string DESCRIBE(xdr::optional_data<calc::entry> e) { return e ? e->label : "nothing"; }
};

struct call {
  std::uint32_t rpcvers = 2;
  std::uint32_t program = calc::CALC_V1::id.program;
  std::uint32_t version = 1;
  std::uint32_t procedure = 1;
  std::uint32_t flavor = 0;
  std::string_view credential{};  ///< its body, as hex
  std::string_view arguments = "00000002 00000003";

  bytes message() const {
    xdr::byte_buffer out;
    xdr::writer w{out};
    for (const std::uint32_t word : {7U, 0U, rpcvers, program, version, procedure, flavor}) {
      w.put_u32(word);
    }
    const bytes body = bytes_of(credential);
    w.put_u32(static_cast<std::uint32_t>(body.size()));
    w.put_opaque(body);
    w.put_u64(0);
    bytes made = as_bytes(out);
    append(made, bytes_of(arguments));
    return made;
  }
};

inline std::string golden(std::string_view hex) { return hex_of(bytes_of(hex)); }

// Replies to xid 7 (RFC 5531 §9).
inline std::string accepted(std::string_view rest) {
  return golden("00000007 00000001 00000000 00000000 00000000" + std::string{rest});
}
inline std::string denied(std::string_view rest) {
  return golden("00000007 00000001 00000001" + std::string{rest});
}
inline std::string five() { return accepted("00000000 00000005"); }
inline std::string garbage_args() { return accepted("00000004"); }
inline std::string auth_error(std::uint32_t stat) {
  std::byte word[4];
  xdr::store_big(word, stat);
  return denied("00000001" + hex_of(word));
}

}  // namespace tryst::test
