// Stock C programs, several at once, over TCP, over UDP, and over a UDP that loses.
#pragma once

#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <functional>
#include <sstream>
#include <thread>
#include <tryst/epoll_loop.hpp>
#include <tryst/rpc/server.hpp>

#include "interop/bad_network.hpp"

namespace tryst::bridge_test {

using made_by = interop::bad_network::made_by;
using process = std::unique_ptr<test::peer_process>;
using processes = std::vector<process>;

template <class Condition>
void wait_until(Condition condition) {
  while (!condition()) std::this_thread::yield();
}

/// How clients reach the server.
struct over {
  std::string_view name;
  std::string transport;
  unsigned lost = 0;  ///< of a hundred datagrams
  made_by network = made_by::proxy;
};
inline const over tcp{"Tcp", "tcp"};
inline const over udp{"Udp", "udp"};
inline const over udp_that_loses{"AUdpThatLosesTenOfAHundred", "udp", 10};
inline const over udp_of_the_kernel_that_loses{"AUdpOfTheKernelThatLosesTenOfAHundred", "udp", 10,
                                               made_by::nftables};

/// A server, and the network before it.
class stock_network {
public:
  explicit stock_network(const over& how) : how_{how} {
    if (how.lost > 0) bad_.emplace(how.network, how.lost);
    home_.emplace();
    server_.emplace(*home_);
  }

  rpc::server& server() { return *server_; }
  loop& home() { return home_->get(); }
  bool over_tcp() const { return how_.transport == "tcp"; }
  bool loses() const { return how_.lost > 0; }
  /// Where datagrams are lost each call takes longer.
  int fewer(int calls) const { return loses() ? std::max(calls / 8, 1) : calls; }

  /// A second time: at the same address.
  void listen() {
    const bool first = own_port_ == 0;
    own_port_ = server_->listen(at_port(own_port_)).port;
    if (first) port_ = bad_ ? bad_->to(own_port_) : own_port_;
  }
  /// As clients reach it.
  rpc::address where() const { return rpc::address::parse(at_port(port_)).value(); }
  /// Another server, which serves nothing and does not listen yet.
  void replace_server() { server_.emplace(*home_); }

  process start(std::vector<std::string> what, const char* program = STOCK_CLIENT) const {
    what.insert(what.begin(), {program, how_.transport, std::to_string(port_)});
    return bad_ ? bad_->start(std::move(what))
                : std::make_unique<test::peer_process>(std::move(what));
  }

private:
  std::string at_port(std::uint16_t port) const {
    return how_.transport + "://127.0.0.1:" + std::to_string(port);
  }

  over how_;
  std::optional<interop::bad_network> bad_;
  std::optional<loop_thread> home_;
  std::optional<rpc::server> server_;
  std::uint16_t own_port_ = 0;
  std::uint16_t port_ = 0;  // of the network before it
};

/// kill -9
inline void kill(process& victim) {
  ASSERT_EQ(::kill(victim->pid(), SIGKILL), 0);
  victim.reset();
}

inline void expect_done(test::peer_process& client) {
  EXPECT_TRUE(client.finish().ends_with("done 1\n"));
}

/// A kind of module, seen as what the tests need of all of them.
template <class Service>
struct kind {
  std::string_view name;
  std::function<std::unique_ptr<Service>()> make;
};

template <class Service>
std::string name_of(const ::testing::TestParamInfo<std::tuple<kind<Service>, over>>& each) {
  return std::string{std::get<0>(each.param).name} + "Over" +
         std::string{std::get<1>(each.param).name};
}

}  // namespace tryst::bridge_test
