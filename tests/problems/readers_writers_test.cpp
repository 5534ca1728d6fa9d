// Problem 2, readers and writers: three policies, each with its own checker, by input statements
// and in a monitor.
#include "readers_writers.hpp"

#include <algorithm>
#include <set>
#include <tryst/rendezvous/in.hpp>
#include <tryst/rendezvous/monitor.hpp>
#include <tryst/testing/quiescence.hpp>
#include <vector>

#include "problems/event_log.hpp"
#include "problems/staged.hpp"

namespace tryst::problems {
namespace {

using readers_writers::LIBRARY_V1;

enum class policy { readers_first, writers_first, fair };
enum class did { ask_read, start_read, end_read, ask_write, start_write, end_write };
using events_of_run = std::vector<event<did>>;

struct far_library : remote_module<LIBRARY_V1> {
  using remote_module::remote_module;
  remote_op<LIBRARY_V1::START_READ> start_read{this};
  remote_op<LIBRARY_V1::END_READ> end_read{this};
  remote_op<LIBRARY_V1::START_WRITE> start_write{this};
  remote_op<LIBRARY_V1::END_WRITE> end_write{this};
};

/// Those who wait do so in the order of their numbers; every change lets all of them look.
struct monitor_library : monitor_module {
  op<void()> start_read{this, &monitor_library::do_start_read};
  op<void()> end_read{this, &monitor_library::do_end_read};
  op<void()> start_write{this, &monitor_library::do_start_write};
  op<void()> end_write{this, &monitor_library::do_end_write};
  condition changed{this};
  event_log<did> log;

  explicit monitor_library(policy p) : policy_{p} {}

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

/// The policies are guards. The fair one admits, behind a writer, those readers who waited then,
/// and no others while a writer waits.
struct active_library : module {
  op<void()> start_read{this};
  op<void()> end_read{this};
  op<void()> start_write{this};
  op<void()> end_write{this};
  event_log<did> log;

  explicit active_library(policy p) : policy_{p} {}

  task<> server() {
    // pending() changes while the statement waits: these guards are functions (rule S2).
    const auto may_read = [this] {
      return !writing_ &&
             (policy_ == policy::readers_first || batch_ > 0 || start_write.pending() == 0);
    };
    const auto may_write = [this] {
      return !writing_ && readers_ == 0 && batch_ == 0 &&
             (policy_ != policy::readers_first || start_read.pending() == 0);
    };
    for (;;) {
      co_await in(
          accept(start_read).when(may_read) >>
              [this] {
                ++readers_;
                if (batch_ > 0) --batch_;
                log.note(did::start_read, 0);
              },
          accept(end_read) >>
              [this] {
                --readers_;
                log.note(did::end_read, 0);
              },
          accept(start_write).when(may_write) >>
              [this] {
                writing_ = true;
                log.note(did::start_write, 0);
              },
          accept(end_write) >>
              [this] {
                writing_ = false;
                if (policy_ == policy::fair) batch_ = start_read.pending();
                log.note(did::end_write, 0);
              });
    }
  }

private:
  policy policy_;
  int readers_ = 0;
  bool writing_ = false;
  std::size_t batch_ = 0;
};

void check_exclusion(const events_of_run& events, int reads, int writes) {
  int readers = 0;
  int most_readers = 0;
  int writers = 0;
  for (const auto& e : events) {
    readers += (e.kind == did::start_read) - (e.kind == did::end_read);
    writers += (e.kind == did::start_write) - (e.kind == did::end_write);
    reads -= e.kind == did::start_read;
    writes -= e.kind == did::start_write;
    most_readers = std::max(most_readers, readers);
    require(writers <= 1, "one writes at a time");
    require(writers == 0 || readers == 0, "nobody reads while somebody writes");
  }
  require(reads == 0 && writes == 0, "each reads and writes as often as it asked to");
  require(most_readers >= 2, "readers overlap");
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
      require(p != policy::writers_first || writers.empty(), "no reader passes a writer");
      require(p != policy::fair || writers.empty() || e.who < *writers.begin(),
              "no reader passes a writer who came before");
    }
    if (e.kind == did::start_write) {
      writers.erase(e.who);
      require(p != policy::readers_first || readers.empty(), "no writer passes a reader");
      require(p != policy::fair || readers.empty() || e.who < *readers.begin(),
              "no writer passes a reader who came before");
    }
  }
  require(readers.empty() && writers.empty(), "whoever asks is admitted");
}

template <class Library>
void play_library(stage& s, staged<Library, far_library>& shelf) {
  constexpr int readers = 3;
  constexpr int writers = 2;
  const int rounds = s.scaled(50);
  shelf.publish(&Library::start_read, &Library::end_read, &Library::start_write,
                &Library::end_write);
  // At first all readers are in at once, however the players are scheduled.
  std::atomic<int> inside = 0;
  for (int i = 0; i < readers; ++i) {
    s.add(
        "reader " + std::to_string(i),
        [&](auto& l) -> task<> {
          co_await s.call(l.start_read);
          ++inside;
          while (inside < readers) co_await s.yield();
          co_await s.call(l.end_read);
          for (int k = 1; k < rounds; ++k) {
            co_await s.call(l.start_read);
            co_await s.yield();
            co_await s.call(l.end_read);
          }
        },
        shelf);
  }
  for (int i = 0; i < writers; ++i) {
    s.add(
        "writer " + std::to_string(i),
        [&](auto& l) -> task<> {
          while (inside < readers) co_await s.yield();
          for (int k = 0; k < rounds; ++k) {
            co_await s.call(l.start_write);
            co_await s.yield();
            co_await s.call(l.end_write);
          }
        },
        shelf);
  }
  s.play();
  check_exclusion(shelf->log.events(), readers * rounds, writers * rounds);
}

class ReadersAndWriters : public ::testing::TestWithParam<setting> {
protected:
  void play_in_monitor(policy p) {
    perform(GetParam(), [p](stage& s) {
      staged<monitor_library, far_library> shelf{s, p};
      shelf.start();
      play_library(s, shelf);
      check_policy(shelf->log.events(), p);
    });
  }
  void play_with_guards(policy p) {
    perform(GetParam(), [p](stage& s) {
      staged<active_library, far_library> shelf{s, p};
      shelf.start(shelf->server());
      play_library(s, shelf);
    });
  }
};

TEST_P(ReadersAndWriters, HaveNoWriterPassAReaderInAMonitor) {
  play_in_monitor(policy::readers_first);
}

TEST_P(ReadersAndWriters, HaveNoReaderPassAWriterInAMonitor) {
  play_in_monitor(policy::writers_first);
}

TEST_P(ReadersAndWriters, PassNobodyWhoCameBeforeInAFairMonitor) { play_in_monitor(policy::fair); }

TEST_P(ReadersAndWriters, ExcludeEachOtherByGuardsThatFavorReaders) {
  play_with_guards(policy::readers_first);
}

TEST_P(ReadersAndWriters, ExcludeEachOtherByGuardsThatFavorWriters) {
  play_with_guards(policy::writers_first);
}

TEST_P(ReadersAndWriters, ExcludeEachOtherByGuardsThatAreFair) { play_with_guards(policy::fair); }

INSTANTIATE_TEST_SUITE_P(In, ReadersAndWriters, every_setting, name_of_setting);

/// Guards let in whom the policy says, when a reader reads, then a writer asks, then a reader.
/// Returns the kinds of those who started.
std::vector<did> admitted_by_guards(policy p, bool first_ends) {
  testing::seeded_loop l;
  active_library shelf{p};
  testing::quiescence end{l};
  end.name(shelf, "library");
  shelf.start(l, shelf.server());
  for (auto* const each : {&shelf.start_read, &shelf.start_write, &shelf.start_read}) {
    each->send();
    l.run();
  }
  if (first_ends) shelf.end_read.send();
  l.run();
  std::vector<did> started;
  for (const auto& e : shelf.log.events()) {
    if (e.kind != did::end_read) started.push_back(e.kind);
  }
  return started;
}

TEST(GuardsOfReadersAndWriters, LetReadersPassAWriterOnlyIfTheyFavorThem) {
  using enum did;
  const std::vector reading{start_read};
  const std::vector both_reading{start_read, start_read};
  const std::vector writing{start_read, start_write};
  EXPECT_EQ(admitted_by_guards(policy::readers_first, false), both_reading);
  EXPECT_EQ(admitted_by_guards(policy::writers_first, false), reading);
  EXPECT_EQ(admitted_by_guards(policy::fair, false), reading);
  EXPECT_EQ(admitted_by_guards(policy::writers_first, true), writing);
  EXPECT_EQ(admitted_by_guards(policy::fair, true), writing);
}

TEST(GuardsOfReadersAndWriters, LetAFairBatchOfReadersInBehindAWriter) {
  testing::seeded_loop l;
  active_library shelf{policy::fair};
  testing::quiescence end{l};
  end.name(shelf, "library");
  shelf.start(l, shelf.server());
  shelf.start_write.send();
  l.run();
  for (int i = 0; i < 2; ++i) shelf.start_read.send();
  shelf.start_write.send();
  shelf.end_write.send();
  l.run();
  EXPECT_EQ(shelf.start_read.pending(), 0U);  // both readers passed the second writer
  shelf.start_read.send();
  l.run();
  EXPECT_EQ(shelf.start_read.pending(), 1U);  // and no third
}

}  // namespace
}  // namespace tryst::problems
