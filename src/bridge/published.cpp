#include <tryst/bridge/published.hpp>

namespace tryst {

rpc::recall published::how_remembered(std::uint32_t procedure,
                                      const rpc::procedure_annotations& said,
                                      bool datagram) const noexcept {
  const rpc::recall how = options_.service.recall_of(procedure, said, datagram);
  return datagram && procedure != 0 && how == rpc::recall::idempotent ? rpc::recall::cached : how;
}

std::size_t published::max_pending(const rpc::procedure_annotations& said,
                                   const export_options& how) noexcept {
  constexpr std::size_t if_nothing_is_said = 1024;
  if (how.max_pending) return *how.max_pending;
  return said.max_pending != 0 ? said.max_pending : if_nothing_is_said;
}

std::chrono::milliseconds published::max_wait(const rpc::procedure_annotations& said,
                                              const export_options& how) const noexcept {
  if (how.max_wait) return *how.max_wait;
  if (said.max_wait_ms != 0) return std::chrono::milliseconds{said.max_wait_ms};
  return options_.max_wait;
}

}  // namespace tryst
