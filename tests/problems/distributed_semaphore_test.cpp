// Problem 11, a distributed semaphore: P and V are broadcast with logical clocks and acknowledged
// by all to all, so that each node sees them in the same order and grants the same ones.
#include <algorithm>
#include <array>
#include <deque>
#include <set>

#include "problems/event_log.hpp"
#include "problems/group_node.hpp"

namespace tryst::problems {
namespace {

constexpr int initial = 2;

enum class did { in, out, apply, grant };
using events_of_run = std::vector<event<did>>;

/// What nodes share with their test.
struct meeting {
  event_log<did> log;
  int entries = 0;  // of all
};

class semaphore_node final : public group_node {
public:
  semaphore_node(int me, int size, meeting& of)
      : group_node{me, size}, of_{of}, heard_(static_cast<std::size_t>(size)) {}

private:
  enum : int { p, v, acknowledgement };
  struct operation_at {
    int stamp;
    int from;
    int kind;
    auto operator<=>(const operation_at&) const = default;
  };

  void entering(call<void()> c) override {
    callers_.push_back(std::move(c));
    broadcast(p);
  }
  void leaving() override { broadcast(v); }

  void broadcast(int kind) {
    known_.insert({++clock_, me_, kind});
    write_to_all(kind, clock_);
  }

  void received(int from, int kind, int stamp) override {
    clock_ = std::max(clock_, stamp) + 1;
    heard_[static_cast<std::size_t>(from)] = stamp;
    if (kind != acknowledgement) {
      known_.insert({stamp, from, kind});
      write_to_all(acknowledgement, clock_);
    }
    while (!known_.empty() && nothing_comes_before(known_.begin()->stamp)) {
      apply(*known_.begin());
      known_.erase(known_.begin());
    }
  }

  /// Later letters of a node have later stamps.
  bool nothing_comes_before(int stamp) const {
    for (int other = 0; other < size_; ++other) {
      if (other != me_ && heard_[static_cast<std::size_t>(other)] < stamp) return false;
    }
    return true;
  }

  void apply(const operation_at& o) {
    of_.log.note(did::apply, me_, 2 * o.from + o.kind);
    if (o.kind == v) ++units_;
    if (o.kind == p) waiting_.push_back(o.from);
    while (units_ > 0 && !waiting_.empty()) {
      --units_;
      const int granted = waiting_.front();
      waiting_.pop_front();
      of_.log.note(did::grant, me_, granted);
      if (granted != me_) continue;
      callers_.front().reply();
      callers_.pop_front();
    }
  }

  /// An operation of its own is told to the others, one of another node acknowledged to them.
  bool finished() const override { return letters_written() == 2 * of_.entries * (size_ - 1); }

  meeting& of_;
  int clock_ = 0;
  int units_ = initial;
  std::vector<int> heard_;  // the last stamp from each
  std::set<operation_at> known_;
  std::deque<int> waiting_;
  std::deque<call<void()>> callers_;
};

/// No more are inside than there are units.
void check_units(const events_of_run& events, int entries) {
  int inside = 0;
  int entered = 0;
  for (const auto& e : events) {
    inside += (e.kind == did::in) - (e.kind == did::out);
    entered += e.kind == did::in;
    require(inside <= initial, "no more are inside than there are units");
  }
  require(entered == entries, "all get in");
}

/// All nodes have the same operations in the same order, and the same grants, of which there are
/// never more than units.
void check_total_order(const events_of_run& events, int size, int entries) {
  std::vector<std::vector<int>> applied(static_cast<std::size_t>(size));
  std::vector<std::vector<int>> granted(static_cast<std::size_t>(size));
  std::vector<int> released(static_cast<std::size_t>(size));
  for (const auto& e : events) {
    const auto node = static_cast<std::size_t>(e.who);
    if (e.kind == did::apply) {
      applied[node].push_back(e.value);
      released[node] += e.value % 2;
    }
    if (e.kind == did::grant) granted[node].push_back(e.value);
    require(static_cast<int>(granted[node].size()) <= initial + released[node],
            "no more are granted than there are units");
  }
  for (std::size_t node = 0; node < applied.size(); ++node) {
    require(applied[node] == applied[0] && granted[node] == granted[0],
            "all nodes have the same order");
    require(static_cast<int>(applied[node].size()) == 2 * entries, "each operation is applied");
  }
}

class DistributedSemaphore : public ::testing::TestWithParam<setting> {};

TEST_P(DistributedSemaphore, IsTheSameAtAllNodes) {
  perform(GetParam(), [](stage& s) {
    const int rounds = s.scaled(16);
    meeting of;
    of.entries = 3 * rounds;
    group_of_three<semaphore_node> group{s, of};
    group.add_users([&s, &of, rounds](auto& node, int me) -> task<> {
      for (int r = 0; r < rounds; ++r) {
        co_await s.call(node.enter);
        of.log.note(did::in, me);
        co_await s.yield();
        of.log.note(did::out, me);
        co_await s.call(node.leave);
      }
    });
    s.play();
    check_units(of.log.events(), of.entries);
    check_total_order(of.log.events(), group.size, of.entries);
    for (int i = 0; i < group.size; ++i) {
      require(group.node(i).all_carried(), "no letter is left");
      require(group.node(i).letters_read() == 2 * of.entries * (group.size - 1),
              "each letter arrives once");
    }
  });
}

INSTANTIATE_TEST_SUITE_P(In, DistributedSemaphore, every_setting, name_of_setting);

}  // namespace
}  // namespace tryst::problems
