// Makes a server known: to the binder of this host, or, where there is none and the program wants
// it, to one of its own.
//
//   rpc::server server{loop};
//   server.serve<calc::CALC_V1>(calculator{});
//   binder::announcement known{server, {server.listen("tcp://127.0.0.1:0")},
//                              {.embed_at = {"tcp://127.0.0.1:0"}}};
#pragma once

#include <memory>
#include <string>
#include <tryst/binder/registration.hpp>
#include <tryst/rpc/address.hpp>
#include <tryst/rpc/server.hpp>
#include <vector>

namespace tryst::binder {

struct announcement_options {
  registration_options registration{};
  /// Where a binder of the program's own is served if none of the host can be asked:
  /// tcp://127.0.0.1:0, say, or udp://127.0.0.1:111 and more for stock clients, which takes root.
  /// Empty: there is none, and it is an error.
  std::vector<std::string> embed_at;
};

/// Lives as long as the server shall be found. Its functions are for any thread.
class announcement {
public:
  /// Registers every service that the server has at this moment, at each of the addresses. Blocks,
  /// and throws, as registration does.
  announcement(rpc::server& of, std::vector<rpc::address> where, announcement_options options = {});
  ~announcement();
  announcement(const announcement&) = delete;
  announcement& operator=(const announcement&) = delete;

  /// Where the binder of the program's own is asked; nowhere if that of the host is.
  const std::vector<rpc::address>& own_binder() const noexcept { return own_binder_; }

private:
  struct embedded;

  std::vector<rpc::address> own_binder_;
  std::unique_ptr<registration> registration_;
  std::unique_ptr<embedded> embedded_;
};

}  // namespace tryst::binder
