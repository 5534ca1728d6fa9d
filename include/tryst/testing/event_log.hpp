// What happened in a run, in one order, and what must hold of it when all is over. Bodies note what
// they do while they have what they use for themselves; then the order of the log is that of the
// run.
//
//   enum class did { deposit, fetch };
//   testing::event_log<did> log;
//   ... log.note(did::deposit, producer, number);
//   testing::check_order(log, did::deposit, did::fetch);
#pragma once

#include <cstddef>
#include <map>
#include <mutex>
#include <string>
#include <tryst/testing/explore.hpp>
#include <utility>
#include <vector>

namespace tryst::testing {

/// Kind is an enumeration of the problem, who and value mean what it says.
template <class Kind>
struct event {
  Kind kind;
  int who;
  int value;
};

/// Any thread.
template <class Kind>
class event_log {
public:
  void note(Kind kind, int who, int value = 0) {
    const std::lock_guard lock{mutex_};
    events_.push_back({kind, who, value});
  }
  /// After the run, in the order in which they were noted.
  const std::vector<event<Kind>>& events() const { return events_; }

private:
  std::mutex mutex_;
  std::vector<event<Kind>> events_;
};

/// "event 17 (who 3, value 5)", for what checkers say.
template <class Kind>
std::string place_of(const event_log<Kind>& log, const event<Kind>& e) {
  return "event " + std::to_string(&e - log.events().data()) + " (who " + std::to_string(e.who) +
         ", value " + std::to_string(e.value) + ")";
}

/// Never are more than `most` inside, which is between `enters` and `leaves`; who leaves has
/// entered, and all have left in the end. Throws check_failed, like all of these.
template <class Kind>
void check_inside(const event_log<Kind>& log, Kind enters, Kind leaves, std::size_t most = 1) {
  std::map<int, std::size_t> inside;
  std::size_t count = 0;
  for (const event<Kind>& e : log.events()) {
    if (e.kind == enters) {
      ++inside[e.who];
      if (++count > most) {
        throw check_failed{place_of(log, e) + " enters as number " + std::to_string(count)};
      }
    } else if (e.kind == leaves) {
      if (inside[e.who] == 0) {
        throw check_failed{place_of(log, e) + " leaves without having entered"};
      }
      --inside[e.who];
      --count;
    }
  }
  if (count > 0) throw check_failed{std::to_string(count) + " have not left"};
}

/// Whoever asks for something, the same `who` and `value`, is answered exactly once, and nobody is
/// who has not asked.
template <class Kind>
void check_answered(const event_log<Kind>& log, Kind asks, Kind answered) {
  std::map<std::pair<int, int>, int> open;
  for (const event<Kind>& e : log.events()) {
    int& owed = open[{e.who, e.value}];
    if (e.kind == asks) ++owed;
    if (e.kind != answered) continue;
    if (owed == 0) {
      throw check_failed{place_of(log, e) +
                         " is answered, and has not asked or was answered before"};
    }
    --owed;
  }
  for (const auto& [what, owed] : open) {
    if (owed == 0) continue;
    throw check_failed{"who " + std::to_string(what.first) + " never got an answer for value " +
                       std::to_string(what.second)};
  }
}

/// What each `who` puts in comes out in that order, all of it and nothing else: the values of
/// `gets` are those of `puts`.
template <class Kind>
void check_order(const event_log<Kind>& log, Kind puts, Kind gets) {
  std::map<int, std::vector<int>> put;
  std::map<int, std::size_t> got;
  for (const event<Kind>& e : log.events()) {
    if (e.kind == puts) put[e.who].push_back(e.value);
    if (e.kind != gets) continue;
    const std::vector<int>& values = put[e.who];
    const std::size_t next = got[e.who]++;
    if (next >= values.size()) {
      throw check_failed{place_of(log, e) + " comes out, and was not put in"};
    }
    if (values[next] != e.value) {
      throw check_failed{place_of(log, e) + " comes out before value " +
                         std::to_string(values[next])};
    }
  }
  for (const auto& [who, values] : put) {
    if (got[who] == values.size()) continue;
    throw check_failed{"who " + std::to_string(who) + " has put in " +
                       std::to_string(values.size()) + " and " + std::to_string(got[who]) +
                       " came out"};
  }
}

/// At no time has `second` happened more often than `first`, nor less by more than `most`: a buffer
/// of so many slots.
template <class Kind>
void check_balance(const event_log<Kind>& log, Kind first, Kind second, std::size_t most) {
  std::size_t balance = 0;
  for (const event<Kind>& e : log.events()) {
    if (e.kind == first && ++balance > most) {
      throw check_failed{place_of(log, e) + " is one more than " + std::to_string(most)};
    }
    if (e.kind != second) continue;
    if (balance == 0) throw check_failed{place_of(log, e) + " takes what is not there"};
    --balance;
  }
}

}  // namespace tryst::testing
