// Concurrent modules (rule M5): every invocation of a proc is a process where it was called from,
// and nothing keeps them apart but what the module itself says, with semaphores or input
// statements.
//
//   struct store : tryst::concurrent_module {
//     op<page(int)> read{this, &store::do_read};
//     semaphore disk{this, 1};
//     ...
//   };
#pragma once

#include <tryst/rendezvous/proc.hpp>
#include <tryst/rendezvous/semaphore.hpp>

namespace tryst {

/// A call runs its proc on the caller's loop or thread, a send on the module's, all side by side:
/// the module is a parallel program, whose variables need protection.
class concurrent_module : public module {
protected:
  concurrent_module() : module{detail::discipline::concurrent} {}
  ~concurrent_module() = default;
};

}  // namespace tryst
