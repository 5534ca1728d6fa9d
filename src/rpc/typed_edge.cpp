// What the typed edges need of compiled code.

#include <algorithm>
#include <tryst/rpc/connection.hpp>
#include <tryst/rpc/local_caller.hpp>
#include <tryst/rpc/typed_call.hpp>
#include <tryst/rpc/typed_service.hpp>

#include "rpc/session.hpp"

namespace tryst::rpc {
namespace {

// What is known beside the code: from the reply, or from the system.
std::string detail_of(const failure& why) {
  if (why.low != 0 || why.high != 0) {
    return "versions " + std::to_string(why.low) + " to " + std::to_string(why.high);
  }
  if (why.status == 0) return {};
  if (why.code == errc::connect_failed) {
    return std::generic_category().message(static_cast<int>(why.status));
  }
  return "status " + std::to_string(why.status);
}

}  // namespace

recall service_options::recall_of(std::uint32_t procedure, const procedure_annotations& said,
                                  bool datagram) const noexcept {
  const auto names = [procedure](const std::vector<std::uint32_t>& listed) {
    return std::ranges::find(listed, procedure) != listed.end();
  };
  if (procedure != 0 && (names(once) || (said.once && !names(idempotent)))) return recall::once;
  if (!datagram && !cache_stream_replies) return recall::off;
  const bool may_run_twice = procedure == 0 || said.idempotent || names(idempotent);
  return may_run_twice ? recall::idempotent : recall::cached;
}

namespace detail {

void throw_failure(const failure& why) {
  // The exception adds the code's text itself.
  const std::string said = detail_of(why);
  if (said.empty()) throw call_error(why.code);
  throw call_error(why.code, said);
}

void must_not_run_here(const loop& l) {
  if (l.running_here()) {
    throw std::logic_error("get() on the client's own loop would wait for ever: co_await the call");
  }
}

void refuse_for(std::exception_ptr thrown, const service_options& options, incoming_call& call) {
  try {
    std::rethrow_exception(thrown);
  } catch (const refusal& why) {
    if (!call.answered()) call.refuse(why);
  } catch (...) {
    if (options.on_error) options.on_error(call.info(), thrown);
    if (!call.answered()) call.refuse({.code = errc::system_err});
  }
}

failure failure_for(std::exception_ptr thrown, const service_options& options,
                    const call_info& info) {
  try {
    std::rethrow_exception(thrown);
  } catch (const refusal& why) {
    if (outcome_of(why.code) == outcome::refused) return why;
  } catch (...) {
    if (options.on_error) options.on_error(info, thrown);
  }
  return errc::system_err;
}

}  // namespace detail

std::string failure::text() const {
  const std::string said = detail_of(*this);
  return said.empty() ? code.message() : code.message() + " (" + said + ")";
}

connection::connection(std::shared_ptr<session> s) : session_{std::move(s)} {}

call_path& connection::path() noexcept { return *session_; }

void connection::complete(call_options& options) const {
  if (!options.deadline) options.deadline = default_deadline;
}

}  // namespace tryst::rpc
