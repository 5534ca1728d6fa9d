// Problem 2, readers and writers: a monitor with three policies, each with its own checker.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <tryst/rendezvous/monitor.hpp>
#include <vector>

#include "rendezvous/event_log.hpp"
#include "rendezvous/players.hpp"

namespace tryst {
namespace {

using rendezvous_test::players;
using rendezvous_test::setting;

enum class policy { readers_first, writers_first, fair };
enum class did { ask_read, start_read, end_read, ask_write, start_write, end_write };
using events_of_run = std::vector<rendezvous_test::event<did>>;

/// Those who wait do so in the order of their numbers; every change lets all of them look.
struct library : monitor_module {
  op<void()> start_read{this, &library::do_start_read};
  op<void()> end_read{this, &library::do_end_read};
  op<void()> start_write{this, &library::do_start_write};
  op<void()> end_write{this, &library::do_end_write};
  condition changed{this};
  rendezvous_test::event_log<did> log;

  explicit library(policy p) : policy_{p} {}

  task<> do_start_read() {
    const int number = asked_++;
    log.note(did::ask_read, number);
    readers_waiting_.insert(number);
    while (!may_read(number)) co_await changed.wait(number);
    readers_waiting_.erase(number);
    ++readers_;
    log.note(did::start_read, number);
    changed.signal_all();
  }
  void do_end_read() {
    --readers_;
    log.note(did::end_read, 0);
    changed.signal_all();
  }
  task<> do_start_write() {
    const int number = asked_++;
    log.note(did::ask_write, number);
    writers_waiting_.insert(number);
    while (!may_write(number)) co_await changed.wait(number);
    writers_waiting_.erase(number);
    writing_ = true;
    log.note(did::start_write, number);
  }
  void do_end_write() {
    writing_ = false;
    log.note(did::end_write, 0);
    changed.signal_all();
  }

private:
  bool may_read(int number) const {
    if (writing_) return false;
    if (policy_ == policy::writers_first) return writers_waiting_.empty();
    if (policy_ == policy::fair) {
      return writers_waiting_.empty() || *writers_waiting_.begin() > number;
    }
    return true;
  }
  bool may_write(int number) const {
    if (writing_ || readers_ > 0) return false;
    if (policy_ == policy::readers_first) return readers_waiting_.empty();
    if (policy_ == policy::fair) {
      return *writers_waiting_.begin() == number &&
             (readers_waiting_.empty() || *readers_waiting_.begin() > number);
    }
    return true;
  }

  policy policy_;
  int asked_ = 0;
  int readers_ = 0;
  bool writing_ = false;
  std::set<int> readers_waiting_;
  std::set<int> writers_waiting_;
};

void check_exclusion(const events_of_run& events) {
  int readers = 0;
  int most_readers = 0;
  int writers = 0;
  for (const auto& e : events) {
    readers += (e.kind == did::start_read) - (e.kind == did::end_read);
    writers += (e.kind == did::start_write) - (e.kind == did::end_write);
    most_readers = std::max(most_readers, readers);
    ASSERT_LE(writers, 1);
    ASSERT_TRUE(writers == 0 || readers == 0);
  }
  EXPECT_GE(most_readers, 2) << "readers overlap";
}

/// Nobody starts whom the policy has wait for somebody that waits already.
void check_policy(const events_of_run& events, policy p) {
  std::set<int> readers;
  std::set<int> writers;
  for (const auto& e : events) {
    if (e.kind == did::ask_read) readers.insert(e.who);
    if (e.kind == did::ask_write) writers.insert(e.who);
    if (e.kind == did::start_read) {
      readers.erase(e.who);
      EXPECT_TRUE(p != policy::writers_first || writers.empty());
      EXPECT_TRUE(p != policy::fair || writers.empty() || e.who < *writers.begin());
    }
    if (e.kind == did::start_write) {
      writers.erase(e.who);
      EXPECT_TRUE(p != policy::readers_first || readers.empty());
      EXPECT_TRUE(p != policy::fair || readers.empty() || e.who < *readers.begin());
    }
  }
  EXPECT_TRUE(readers.empty());
  EXPECT_TRUE(writers.empty());
}

void play_library(policy p, setting where) {
  constexpr int rounds = 50;
  library shelf{p};
  players by{where};
  by.start(shelf);
  for (int i = 0; i < 2; ++i) shelf.start_read().wait();
  for (int i = 0; i < 2; ++i) shelf.end_read().wait();
  for (int i = 0; i < 3; ++i) {
    by.add([&]() -> task<> {
      for (int k = 0; k < rounds; ++k) {
        co_await by.call(shelf.start_read);
        co_await by.call(shelf.end_read);
      }
    });
  }
  for (int i = 0; i < 2; ++i) {
    by.add([&]() -> task<> {
      for (int k = 0; k < rounds; ++k) {
        co_await by.call(shelf.start_write);
        co_await by.call(shelf.end_write);
      }
    });
  }
  by.play();
  shelf.close();
  shelf.join();
  check_exclusion(shelf.log.events());
  check_policy(shelf.log.events(), p);
}

class ReadersAndWriters : public ::testing::TestWithParam<setting> {};

TEST_P(ReadersAndWriters, HaveNoWriterPassAReader) {
  play_library(policy::readers_first, GetParam());
}

TEST_P(ReadersAndWriters, HaveNoReaderPassAWriter) {
  play_library(policy::writers_first, GetParam());
}

TEST_P(ReadersAndWriters, PassNobodyWhoCameBeforeIfTheyAreFair) {
  play_library(policy::fair, GetParam());
}

INSTANTIATE_TEST_SUITE_P(In, ReadersAndWriters,
                         ::testing::Values(setting::one_loop, setting::two_loops,
                                           setting::threads));

}  // namespace
}  // namespace tryst
