// Peers that mean harm, or are merely broken: others are served all the same, and nothing grows.

#include <fcntl.h>
#include <gtest/gtest.h>

#include <tryst/epoll_loop.hpp>
#include <tryst/rpc/client.hpp>
#include <vector>

#include "support/child_server.hpp"
#include "support/raw_client.hpp"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define TRYST_TESTS_OWN_MEMORY 0
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer) || __has_feature(address_sanitizer)
#define TRYST_TESTS_OWN_MEMORY 0
#endif
#endif
#ifndef TRYST_TESTS_OWN_MEMORY
#define TRYST_TESTS_OWN_MEMORY 1
#endif

namespace tryst::rpc {
namespace {

using namespace std::chrono_literals;
using tests::bytes;
using tests::bytes_of;
using tests::child_server;
using tests::raw_client;
using tests::record_of;

constexpr std::uint64_t mebibyte = 1 << 20;

void complete_a_thousand_calls(const address& where) {
  loop_thread loop;
  client c{loop, where.text()};
  for (std::int32_t i = 0; i < 1000; ++i) {
    ASSERT_EQ((calc::CALC_V1::stub{c}.ADD({i, 1}).get()), i + 1);
  }
}

// A sanitizer's own bookkeeping would be measured too: there only the service is tested.
void expect_memory(std::uint64_t before, const child_server& server, std::uint64_t allowed) {
  if (TRYST_TESTS_OWN_MEMORY) {
    EXPECT_LE(server.memory(), before + allowed);
  }
}

TEST(Pitfall82, APeerThatSentHalfARecordMarkDelaysNobody) {
  const child_server server{{}};
  complete_a_thousand_calls(server.where());
  const std::uint64_t before = server.memory();
  raw_client slow{server.where()};
  slow.write({0x80, 0x00});
  complete_a_thousand_calls(server.where());
  expect_memory(before, server, mebibyte);
}

TEST(SecD2, APeerThatClaimsAGibibyteIsClosedAndCostsNothing) {
  const child_server server{{}};
  complete_a_thousand_calls(server.where());
  const std::uint64_t before = server.memory();
  for (int i = 0; i < 100; ++i) {
    raw_client liar{server.where()};
    liar.write(bytes_of({0x80000000U | (1U << 30), 1, 0}));
    EXPECT_TRUE(liar.is_closed_by_server());
  }
  complete_a_thousand_calls(server.where());
  expect_memory(before, server, mebibyte);
}

TEST(SecD2, APeerThatClaimsAllThatIsAllowedGetsMemoryOnlyForWhatItSends) {
  const child_server server{{}};
  complete_a_thousand_calls(server.where());
  const std::uint64_t before = server.memory();
  std::vector<raw_client> liars;
  for (int i = 0; i < 200; ++i) {
    liars.emplace_back(server.where()).write(bytes_of({0x80000000U | mebibyte, 1, 0}));
  }
  complete_a_thousand_calls(server.where());
  expect_memory(before, server, mebibyte + liars.size() * 8 * 1024);
}

TEST(SecD2, APeerThatNeverReadsItsRepliesIsNotReadFromAnyMore) {
  const server_options options{.limits = {.queued_bytes = 256 * 1024}};
  const child_server server{options};
  complete_a_thousand_calls(server.where());
  const std::uint64_t before = server.memory();
  raw_client deaf{server.where()};
  ::fcntl(deaf.descriptor(), F_SETFL, O_NONBLOCK);
  const bytes call = record_of(tests::add_call(1, 2, 3));
  bytes many;
  for (int i = 0; i < 1000; ++i) many.insert(many.end(), call.begin(), call.end());
  // Until nothing more can be written: the server's buffers and the kernel's are full.
  for (int refused = 0; refused < 200;) {
    const ssize_t n = ::send(deaf.descriptor(), many.data(), many.size(), MSG_NOSIGNAL);
    if (n > 0) continue;
    pollfd none{.fd = -1, .events = 0, .revents = 0};
    ::poll(&none, 1, 1);
    ++refused;
  }
  complete_a_thousand_calls(server.where());
  expect_memory(before, server, mebibyte + options.limits.queued_bytes);
}

struct SecD2WithShortTimers : ::testing::Test {
  server_options options{.limits = {.queued_bytes = 64 * 1024,
                                    .timers = {.first_message = 1s,
                                               .record = 1s,
                                               .record_rate = 1 << 20,
                                               .idle = 1s,
                                               .write_stall = 1s}}};
  child_server server{options};
};

TEST_F(SecD2WithShortTimers, ConnectionsThatSayNothingAreEnded) {
  raw_client silent{server.where()};
  EXPECT_TRUE(silent.is_closed_by_server());
}

TEST_F(SecD2WithShortTimers, RecordsThatDoNotComeToAnEndAreEnded) {
  raw_client slow{server.where()};
  slow.write(record_of(bytes_of({1, 0, 2, 0x20000101, 1, 0, 0, 0, 0, 0})));
  EXPECT_EQ(slow.read_record().size(), 24U);
  slow.write({0x80, 0x00, 0x00});
  EXPECT_TRUE(slow.is_closed_by_server());
}

TEST_F(SecD2WithShortTimers, ConnectionsThatHaveNothingToDoAreEnded) {
  raw_client idle{server.where()};
  idle.write(record_of(bytes_of({1, 0, 2, 0x20000101, 1, 0, 0, 0, 0, 0})));
  EXPECT_EQ(idle.read_record().size(), 24U);
  EXPECT_TRUE(idle.is_closed_by_server());
}

}  // namespace
}  // namespace tryst::rpc
