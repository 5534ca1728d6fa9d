// Why a call has no result: the code, and what the reply said beside it.
#pragma once

#include <cstdint>
#include <string>
#include <system_error>
#include <tryst/error.hpp>

namespace tryst::rpc {

/// What a server says instead of a result. Thrown by a handler it becomes the reply; every errc
/// whose outcome is not `refused` becomes SYSTEM_ERR. With not_admitted, which says that nothing
/// was done, a caller of this library is told that; others see SYSTEM_ERR.
struct refusal {
  errc code = errc::system_err;
  std::uint32_t low = 0;     ///< prog_mismatch, rpc_mismatch: the lowest version that is served
  std::uint32_t high = 0;    ///< ... and the highest; not every one between them need be served
  std::uint32_t status = 0;  ///< auth_refused, unknown_refusal: the number on the wire

  bool operator==(const refusal&) const = default;
};

/// How a call failed at its caller; empty when it did not.
struct failure {
  std::error_code code;
  std::uint32_t low = 0;  ///< as in refusal; what a peer says may make no sense (low > high)
  std::uint32_t high = 0;
  /// As in refusal; connect_failed: the system's error number for the last address that was tried,
  /// 0 where it gave none.
  std::uint32_t status = 0;

  failure() = default;
  failure(errc e) : code{e} {}
  failure(std::error_code c) : code{c} {}
  failure(const refusal& r) : code{r.code}, low{r.low}, high{r.high}, status{r.status} {}

  explicit operator bool() const noexcept { return static_cast<bool>(code); }
  bool operator==(const failure&) const = default;

  /// One line for people, with the range, the number or the system's words where there are such.
  std::string text() const;
};

}  // namespace tryst::rpc
