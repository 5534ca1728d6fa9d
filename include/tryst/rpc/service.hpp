// The typed edge of the server: an ordinary class becomes a service of one interface. Arguments
// are decoded here, handlers are called here, results are encoded here.
//
// Path: dispatcher → here (policy) → typed_service.hpp → handler → incoming_call
#pragma once

#include <exception>
#include <functional>
#include <memory>
#include <string_view>
#include <tryst/auth/verifier.hpp>
#include <tryst/rpc/incoming_call.hpp>
#include <tryst/rpc/policy.hpp>
#include <tryst/rpc/program.hpp>
#include <vector>

namespace tryst::rpc {

/// Whom a service answers.
struct auth_policy {
  bool none = true;  ///< callers without a credential; procedure 0 answers them in any case
  /// Believes AUTH_SYS. Without it, a service that answers anybody answers such callers too, as
  /// anonymous ones.
  bool sys = false;
  /// TCP callers must come from a port below 1024: a weak proof that their host trusts them.
  bool privileged_port = false;
  /// Further flavors, or a sys_verifier with shorthands.
  std::vector<std::shared_ptr<auth::verifier>> verifiers;
};

/// What a server does about a call in case that it comes again.
enum class recall : std::uint8_t {
  off,         ///< nothing: over such a transport the service does not ask for it
  idempotent,  ///< nothing: running it twice is the same as running it once
  cached,      ///< it remembers how it ended, within the limits of the reply cache
  once         ///< ... and for the whole window, or it does not run
};

/// What went wrong in a handler: told where the service runs.
using handler_error = std::function<void(const call_info&, std::exception_ptr)>;

struct service_options {
  rpc::policy policy = inline_;
  auth_policy auth{};
  /// Takes what old encoders send: see xdr::decode_options::lenient.
  bool lenient = false;
  /// Remembers answers over streams too: a client that connects anew and repeats its calls with
  /// their xids (call_options::repeat) then has each run at most once.
  bool cache_stream_replies = false;
  /// Procedures that may run twice, besides those whose .x says so: their answers are never
  /// remembered.
  std::vector<std::uint32_t> idempotent{};
  /// Procedures that must not run twice, besides those whose .x says so: they are remembered over
  /// streams too, and are refused where there is no room for that. Named here, a procedure is not
  /// idempotent whatever else says so.
  std::vector<std::uint32_t> once{};
  /// Learns of exceptions that leave handlers, other than refusals; the caller sees SYSTEM_ERR.
  /// Called on the thread that ran the handler.
  handler_error on_error{};

  /// Whether anything is remembered over streams, as far as the .x has no say.
  bool remember_streams() const noexcept { return cache_stream_replies || !once.empty(); }
  /// What these options, and the annotations of the .x, say about a procedure that exists.
  recall recall_of(std::uint32_t procedure, const procedure_annotations& said,
                   bool datagram) const noexcept;
};

/// One interface that is served. Its calls may come from several loops at once. Calls that are
/// answered later keep it alive, beyond the server if need be.
class service : public std::enable_shared_from_this<service> {
public:
  service(const service&) = delete;
  service& operator=(const service&) = delete;
  virtual ~service() = default;

  virtual interface_id id() const noexcept = 0;
  virtual std::string_view name() const noexcept = 0;
  virtual const auth_policy& auth() const noexcept = 0;
  /// What is done about calls of a procedure that come again: over datagrams, or over a stream.
  virtual recall recall_of(std::uint32_t procedure, bool datagram) const noexcept {
    if (!datagram) return recall::off;
    return procedure == 0 ? recall::idempotent : recall::cached;
  }
  /// Answers the call, now or later. PROC_UNAVAIL and GARBAGE_ARGS are said here.
  virtual void serve(incoming_call& call) = 0;

protected:
  service() = default;
};

}  // namespace tryst::rpc
