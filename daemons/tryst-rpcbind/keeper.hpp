// Keeps what the binder knows where its next process finds it, and its counters where others do.
#pragma once

#include <filesystem>
#include <tryst/binder/binder.hpp>
#include <tryst/loop.hpp>
#include <tryst/rpc/server.hpp>

#include "state_directory.hpp"

namespace tryst::rpcbind {

/// Writes the entries at the end of each turn that changed them.
class state_keeper final : private job {
public:
  state_keeper(loop& home, const state_directory& where) : home_{home}, where_{where} {}

  /// Takes over what the last process wrote, of servers that are still there.
  void restore(
      binder::binder& book,
      const std::function<bool(binder::netid, const binder::universal_address&)>& is_served);
  /// The entries have changed: they will be written when this turn ends.
  void changed(const binder::registry& entries);

private:
  void run() noexcept override;

  loop& home_;
  const state_directory& where_;
  std::vector<binder::entry> entries_;
  bool queued_ = false;
};

/// Writes the counters to a file every now and then.
class metrics_writer final : private timer {
public:
  metrics_writer(loop& home, std::filesystem::path file, const binder::binder& book,
                 const rpc::server& server);
  ~metrics_writer();

private:
  void expired() noexcept override;

  loop& home_;
  std::filesystem::path file_;
  const binder::binder& book_;
  const rpc::server& server_;
};

/// The counters in the text format of Prometheus.
std::string metrics_text(const binder::binder& book, const rpc::server_counters& connections);

}  // namespace tryst::rpcbind
