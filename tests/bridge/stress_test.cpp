// Clients that come and go, on servers with several loops, while a module works, and while it
// closes: what they leave is gone with them, whoever was faster.
#include <gtest/gtest.h>

#include <random>
#include <thread>

#include "bridge/bounded_buffer.hpp"
#include "support/raw_client.hpp"

namespace tryst::bridge_test {
namespace {

using tests::bytes;
using tests::raw_client;

constexpr std::uint32_t ping = 0;
constexpr std::uint32_t deposit = 1;
constexpr std::uint32_t fetch = 2;

bytes buffer_call(std::uint32_t xid, std::uint32_t procedure) {
  bytes message = tests::bytes_of({xid, 0, 2, 0x20000109, 1, procedure, 0, 0, 0, 0});
  if (procedure == deposit) {
    const bytes item = tests::bytes_of({xid});
    message.insert(message.end(), item.begin(), item.end());
  }
  return tests::record_of(message);
}

class Stress : public testing::Test {
protected:
  Stress() {
    publish<BUFFER_V1>(server_, *buffer_, &bounded_buffer::deposit, &bounded_buffer::fetch);
    where_ = server_.listen("tcp://127.0.0.1:0");
    buffer_.start(buffer_->server(2));
  }
  ~Stress() override { buffer_.stop(); }

  // Some calls at a time, and then it reads an answer, or is gone.
  void come_and_go(unsigned seed, int times) const {
    std::minstd_rand random{seed};
    for (int i = 0; i < times; ++i) {
      raw_client peer{where_};
      bytes calls = buffer_call(99, ping);  // which is answered in any case
      const std::uint32_t more = random() % 6;
      for (std::uint32_t xid = 0; xid < 2 + more; ++xid) {
        const bytes one = buffer_call(xid, xid % 2 == 0 || random() % 2 == 0 ? deposit : fetch);
        calls.insert(calls.end(), one.begin(), one.end());
      }
      peer.write(calls);
      switch (random() % 3) {
        case 0:
          peer.read_record();
          break;
        case 1:
          peer.reset();
          break;
        default:
          break;
      }
    }
  }

  void have_clients(int times) const {
    std::vector<std::jthread> clients;
    for (unsigned seed = 1; seed <= 4; ++seed) {
      clients.emplace_back([this, seed, times] { come_and_go(seed, times); });
    }
  }

  running<bounded_buffer> buffer_;
  loop_thread one_;
  loop_thread two_;
  rpc::server server_{std::vector<loop*>{&one_.get(), &two_.get()}, {}};
  rpc::address where_;
};

TEST_F(Stress, ClientsThatHaveGoneHaveNothingQueued) {
  have_clients(100);
  while (buffer_->deposit.pending() + buffer_->fetch.pending() > 0) std::this_thread::yield();
  while (server_.counters().open > 0) std::this_thread::yield();
}

TEST_F(Stress, AModuleClosesWhileClientsComeAndGo) {
  std::jthread clients{[this] { have_clients(50); }};
  while (server_.counters().accepted < 50) std::this_thread::yield();
  buffer_.stop();
  clients.join();
  EXPECT_EQ(buffer_->deposit.pending() + buffer_->fetch.pending(), 0U);
}

}  // namespace
}  // namespace tryst::bridge_test
