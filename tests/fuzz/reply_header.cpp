// Headers of replies (RFC 5531 §9): nothing is read beyond them, only SUCCESS has a result, and a
// refusal that is sent on says the same.
#include <tryst/auth/none.hpp>
#include <tryst/auth/sys.hpp>
#include <tryst/rpc/message.hpp>

#include "fuzz/fuzz.hpp"

using namespace tryst;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto message = fuzz::input{data, size}.rest();
  if (rpc::type_of(message) != rpc::message_type::reply) return 0;
  const auto reply = rpc::parse_reply(message);
  if (!reply) {
    fuzz::must(reply.error() == errc::reply_invalid);
    return 0;
  }
  fuzz::must(reply->verifier.body.size() <= auth::max_body);
  fuzz::must(reply->result.size() < message.size());
  if (reply->why) {
    fuzz::must(reply->result.empty());
    fuzz::must(reply->why.code == outcome::refused);
    fuzz::must(!reply->why.text().empty());
    rpc::refusal same{.code = static_cast<errc>(reply->why.code.value()),
                      .low = reply->why.low,
                      .high = reply->why.high,
                      .status = reply->why.status};
    xdr::byte_buffer again;
    rpc::put_refusal(again, rpc::xid_of(message), same, reply->verifier);
    const auto read = rpc::parse_reply(again);
    fuzz::must(read && read->why.low == same.low && read->why.high == same.high);
    return 0;
  }
  auth::sys authenticator{{.machine_name = "fuzz"}};
  std::span<const std::byte> result = reply->result;
  fuzz::must(!authenticator.check(rpc::xid_of(message), reply->verifier, result));
  xdr::byte_buffer next;
  rpc::put_call_header(next, 1, {2, 3}, 4);
  authenticator.put(next, 0);
  fuzz::must(rpc::parse_call(next).has_value());
  return 0;
}
