// One test body at every distance: whoever invokes an operation cannot tell how far it is.
#include <gtest/gtest.h>
#include <unistd.h>

#include <numeric>

#include <tryst/rpc/memory_transport.hpp>

#include "bridge/bounded_buffer.hpp"

namespace tryst::bridge_test {
namespace {

template <class Buffer>
void the_body(Buffer& buffer, loop& home) {
  // Threads wait...
  buffer.deposit(1).wait();
  buffer.deposit.send(2);
  EXPECT_EQ(buffer.fetch().wait(), 1);
  EXPECT_EQ(buffer.fetch().wait(), 2);
  // ... and coroutines: those who find the buffer empty wait in the order in which they came.
  const auto consume = [](Buffer& from) -> task<std::vector<std::int32_t>> {
    std::vector<std::int32_t> got;
    for (int i = 0; i < 100; ++i) got.push_back(co_await from.fetch());
    co_return got;
  };
  const auto produce = [](Buffer& to) -> task<> {
    for (std::int32_t i = 0; i < 100; ++i) co_await to.deposit(i);
  };
  spawn(home, produce(buffer), nullptr);
  std::vector<std::int32_t> all(100);
  std::iota(all.begin(), all.end(), 0);
  EXPECT_EQ(run(home, consume(buffer)), all);
}

struct served {
  served() { buffer.start(buffer->server(3)); }
  served(const served&) = delete;
  served& operator=(const served&) = delete;
  ~served() { buffer.stop(); }

  void serve(rpc::server& by) {
    publish<BUFFER_V1>(by, *buffer, &bounded_buffer::deposit, &bounded_buffer::fetch);
  }

  running<bounded_buffer> buffer;
  loop_thread home;
  rpc::server server{home};
};

class At : public testing::TestWithParam<const char*> {};

TEST_P(At, AFarBufferIsABuffer) {
  served s;
  s.serve(s.server);
  std::string where = GetParam();
  if (where == "unix:@") where += "tryst-bridge-" + std::to_string(::getpid());
  loop_thread far;
  rpc::client client{far, s.server.listen(where).text()};
  far_buffer buffer{client};
  the_body(buffer, far.get());
}

std::string name_of(const testing::TestParamInfo<const char*>& each) {
  const std::vector<std::string> names{"Unix", "Tcp4", "Tcp6", "Udp"};
  return names.at(each.index);
}

INSTANTIATE_TEST_SUITE_P(EveryDistance, At,
                         testing::Values("unix:@", "tcp://127.0.0.1:0", "tcp://[::1]:0",
                                         "udp://127.0.0.1:0"),
                         name_of);

TEST(Nearby, ABufferIsABuffer) {
  served s;
  the_body(*s.buffer, s.home.get());
}

TEST(ThroughMemory, AFarBufferIsABuffer) {
  served s;
  s.serve(s.server);
  auto [near, far] = rpc::memory_pair(s.home, s.home);
  run_on(s.home, [&] { s.server.serve_connection(s.home, std::move(far)); });
  rpc::client client{s.home, std::move(near)};
  far_buffer buffer{client};
  the_body(buffer, s.home.get());
}

}  // namespace
}  // namespace tryst::bridge_test
