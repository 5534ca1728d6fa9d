// A server of the calculator over UDP, on a loop of its own, and what a caller of it hears.
#pragma once

#include <string>
#include <string_view>
#include <tryst/epoll_loop.hpp>
#include <tryst/rpc/server.hpp>

#include "support/calculator.hpp"
#include "support/datagram_socket.hpp"
#include "xdr/hex.hpp"

namespace tryst::test {

struct served_datagrams {
  explicit served_datagrams(std::string_view listened_at = "udp://127.0.0.1:0",
                            rpc::server_options options = {})
      : served{home, std::move(options)} {
    served.serve<calc::CALC_V1>(tests::calculator{});
    where = served.listen(listened_at);
    at = address();
  }

  sockaddr_in address(std::uint32_t host = INADDR_LOOPBACK) const {
    return loopback(where.port, host);
  }

  loop_thread home;
  rpc::server served;
  rpc::address where;
  sockaddr_in at{};
};

inline std::string answer(datagram_socket& from) {
  const auto got = from.receive();
  return got ? hex_of(got->message) : "nothing";
}

}  // namespace tryst::test
