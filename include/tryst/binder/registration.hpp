// A server's entries in the binder of this host, for as long as the object lives: registered when
// it is made, again when the binder has restarted, withdrawn when it is destroyed.
//
//   const auto tcp = server.listen("tcp://[::]:0");
//   const auto udp = server.listen("udp://[::]:0");
//   binder::registration entry{{calc::CALC_V1::id}, {tcp, udp}};
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <tryst/binder/binder_client.hpp>
#include <tryst/rpc/address.hpp>
#include <tryst/rpc/program.hpp>
#include <tryst/rpc/service.hpp>
#include <vector>

namespace tryst::binder {

struct registration_options {
  binder_client_options binder{};
  /// The binder, if it is not that of this host: a whole address, unix:/path.
  std::string at;
  /// How long after the loss of the binder, and after each failure, it is tried again.
  std::chrono::milliseconds retry{250};
  /// How long the destructor goes on withdrawing; it may wait for one more call to the binder.
  std::chrono::milliseconds farewell{2000};
};

/// It has a thread of its own, which sleeps: so it works whatever the program's loops do, and can
/// withdraw when they have ended. Its functions are for any thread.
class registration {
public:
  /// Withdraws what this user had registered of these interfaces, and registers them at each of the
  /// addresses (their hosts are numeric). Blocks. Throws call_error when no binder can be asked, or
  /// it refuses, and std::system_error with address_in_use when another user's server has one of
  /// the places.
  registration(std::vector<rpc::interface_id> interfaces, std::vector<rpc::address> where,
               registration_options options = {});
  ~registration();
  registration(const registration&) = delete;
  registration& operator=(const registration&) = delete;

  /// Whether everything is registered, as far as is known.
  bool is_complete() const noexcept;
  /// How often all of it has been registered: 1, and one more for each time that the binder was
  /// lost and found again.
  std::uint64_t times() const noexcept;

private:
  class state;
  // Shared with the task that registers, which may be told of its end after the object's.
  std::shared_ptr<state> state_;
};

/// The numbers of programs that nobody assigns: anybody may use one for as long as it runs
/// (RFC 5531 §8.1).
inline constexpr std::uint32_t first_transient_program = 0x40000000;
inline constexpr std::uint32_t last_transient_program = 0x5fffffff;

/// A number of that range of which `registered` has no entry, beginning from `random`.
std::uint32_t choose_transient_program(const std::vector<entry>& registered, std::uint64_t random);

/// The same service, as another program: for one whose number is chosen when it runs.
std::shared_ptr<rpc::service> as_program(std::shared_ptr<rpc::service> served,
                                         std::uint32_t program);

}  // namespace tryst::binder
