// What the typed edges need of compiled code.

#include <tryst/rpc/connection.hpp>
#include <tryst/rpc/local_caller.hpp>
#include <tryst/rpc/typed_call.hpp>
#include <tryst/rpc/typed_service.hpp>

#include "rpc/session.hpp"

namespace tryst::rpc {

namespace detail {

void throw_failure(const failure& why) { throw call_error(why.code, why.text()); }

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
  std::string line = code.message();
  if (low != 0 || high != 0) {
    line += " (versions " + std::to_string(low) + " to " + std::to_string(high) + ")";
  }
  if (status != 0) line += " (status " + std::to_string(status) + ")";
  return line;
}

connection::connection(std::shared_ptr<session> s) : session_{std::move(s)} {}

call_path& connection::path() noexcept { return *session_; }

void connection::complete(call_options& options) const {
  if (!options.deadline) options.deadline = default_deadline;
}

}  // namespace tryst::rpc
