// Problem 19, replicated files: read one and write all, and majority votes of which a minority may
// be lost. The checker replays the run on a single copy.
#include <array>
#include <atomic>
#include <deque>

#include "problems/event_log.hpp"
#include "problems/replicas.hpp"
#include "problems/staged.hpp"

namespace tryst::problems {
namespace {

constexpr int readers = 2;
constexpr int writers = 2;

enum class did { read, write };

/// One-copy serialisable: in the order in which the transactions had their locks, each sees what
/// the one before it left. `who` is the version.
void check_one_copy(const std::vector<event<did>>& events, int rounds) {
  stamped single{};
  int reads = 0;
  int writes = 0;
  for (const auto& e : events) {
    if (e.kind == did::write) {
      ++writes;
      require(e.who == single.version + 1, "no version is written twice");
      single = {.version = e.who, .value = e.value};
    } else {
      ++reads;
      require(e.who == single.version && e.value == single.value, "no old version is read");
    }
  }
  require(reads == readers * rounds && writes == writers * rounds, "nothing is done twice");
}

enum class rule { read_one_write_all, majority };

/// N copies, of which some are lost one after the other, while all are at work.
template <std::size_t N>
void play_files(stage& s, rule by, int losses) {
  const int rounds = s.scaled(40);
  std::deque<staged<file_copy, far_copy>> copies;
  event_log<did> log;
  std::atomic<int> written = 0;
  for (std::size_t i = 0; i < N; ++i) {
    auto& c = copies.emplace_back(s);
    c.publish(&file_copy::lock, &file_copy::read, &file_copy::prepare, &file_copy::unlock);
    c.start(c->server());
  }
  const auto to_read = [=](auto& of) { return by == rule::majority ? of.majority() : of.one(); };
  const auto to_write = [=](auto& of) { return by == rule::majority ? of.majority() : of.all(); };
  const auto reader = [&](auto&... c) -> task<> {
    replicas of{s, std::vector{&c...}};
    for (int k = 0; k < rounds; ++k) {
      co_await read_file(of, to_read, [&](stamped x) { log.note(did::read, x.version, x.value); });
    }
  };
  const auto writer = [&](int first, auto&... c) -> task<> {
    replicas of{s, std::vector{&c...}};
    for (int k = 0; k < rounds; ++k) {
      co_await write_file(of, to_write, first + k,
                          [&](stamped x) { log.note(did::write, x.version, x.value); });
      const int so_far = ++written;
      if (so_far <= losses) copies[static_cast<std::size_t>(so_far * 2) % N]->close();
    }
  };
  [&]<std::size_t... I>(std::index_sequence<I...>) {
    for (int r = 0; r < readers; ++r) {
      s.add("reader " + std::to_string(r), [&](auto&... c) { return reader(c...); }, copies[I]...);
    }
    for (int w = 0; w < writers; ++w) {
      s.add(
          "writer " + std::to_string(w),
          [&, w](auto&... c) { return writer(1000 * (w + 1), c...); }, copies[I]...);
    }
  }(std::make_index_sequence<N>{});
  s.play();
  check_one_copy(log.events(), rounds);

  int up_to_date = 0;
  for (auto& c : copies) up_to_date += c->held.version == writers * rounds;
  const int enough =
      by == rule::majority ? static_cast<int>(N) / 2 + 1 - losses : static_cast<int>(N);
  require(up_to_date >= enough, "enough copies have what was written last");
}

class ReplicatedFiles : public ::testing::TestWithParam<setting> {};

TEST_P(ReplicatedFiles, AreOneFileWhenOneCopyIsReadAndAllAreWritten) {
  perform(GetParam(), [](stage& s) { play_files<3>(s, rule::read_one_write_all, 0); });
}

TEST_P(ReplicatedFiles, AreOneFileWhenMajoritiesVote) {
  perform(GetParam(), [](stage& s) { play_files<3>(s, rule::majority, 0); });
}

TEST_P(ReplicatedFiles, AreOneFileWhenAMinorityIsLost) {
  perform(GetParam(), [](stage& s) { play_files<5>(s, rule::majority, 2); });
}

INSTANTIATE_TEST_SUITE_P(In, ReplicatedFiles, every_setting, name_of_setting);

}  // namespace
}  // namespace tryst::problems
