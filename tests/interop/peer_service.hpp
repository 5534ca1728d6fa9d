// Our side of peer.x: the same answers as peer_server.c gives.
#pragma once

#include <tryst/rpc/server.hpp>

#include "peer.hpp"

namespace tryst::interop {

/// PEER_V2, answered at once.
class peer_service {
public:
  std::int32_t ADD(peer::pair p) { return p.a + p.b; }
  peer::quotient DIVIDE(std::int32_t a, std::int32_t b, std::string why_not);
  peer::payload REPEAT(peer::payload p) { return p; }
  peer::numbers REPEAT_NUMBERS(peer::numbers n) { return n; }
  std::int32_t REFUSE(peer::refusal how);
  void PUT(std::int32_t n) { total_ += n; }
  std::int32_t TOTAL() { return total_; }
  peer::identity WHO(const rpc::call_info& info);

private:
  std::int32_t total_ = 0;
};

/// PEER_V4.
struct later_peer_service {
  std::int32_t SUBTRACT(peer::pair p) { return p.a - p.b; }
};

/// Both, on a server.
void serve_peer(rpc::server& s, rpc::service_options options = {.auth = {.sys = true}});

}  // namespace tryst::interop
