// Who invoked an operation over RPC: for guards and bodies that want to know.
#pragma once

#include <stop_token>
#include <tryst/auth/identity.hpp>
#include <tryst/rpc/address.hpp>

namespace tryst {

/// A published operation may have one as its first parameter, which is none of the procedure's: the
/// bridge fills it in, and callers within the process give `{}`. A value that may be kept.
///
///   op<void(caller, std::string)> acquire{this};
///   accept(acquire).such_that([&](const caller& c, const std::string& name) { ... }) >> ...
struct caller {
  rpc::address where{};  ///< from where it came
  auth::identity who{};  ///< who says to have made it; without machine_name()
  /// Requested when the connection that it came over ends; never for callers within the process,
  /// and over datagrams nobody finds out.
  std::stop_token connection_lost{};
};

}  // namespace tryst
