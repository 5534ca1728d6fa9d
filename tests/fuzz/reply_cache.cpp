// The reply cache's states: whatever comes in whatever order, it says what the plainest model says.
// In the model a call is in a list, of which nothing is forgotten but what ended, oldest first.
// Every other call must run once: until it expires nothing takes its place.
#include "rpc/reply_cache.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <tryst/rpc/transport.hpp>
#include <vector>

#include "fuzz/fuzz.hpp"

using namespace tryst;
using fuzz::must;
using rpc::answer;
using rpc::reply_cache;
using enum rpc::reply_cache::state;

namespace {

constexpr std::size_t calls = 16;
constexpr std::size_t connections = 3;

// Calls that differ in one respect each: their keys must all differ, and be the same each time.
rpc::reply_key key_of(const reply_cache& cache, std::size_t call) {
  rpc::peer_identity peer;
  peer.where.kind = rpc::address::transport::udp;
  peer.where.host = (call & 1U) != 0 ? "192.0.2.1" : "192.0.2.2";
  rpc::call_info info;
  info.peer = &peer;
  info.xid = static_cast<std::uint32_t>(call >> 1U & 1U);
  info.procedure = static_cast<std::uint32_t>(call >> 2U & 1U);
  const std::array arguments{static_cast<std::byte>(call >> 3U)};
  return cache.key_of(info, arguments);
}

// What became of calls that wait for the answer to another copy.
struct waiting_calls {
  std::size_t alive = 0;
  std::size_t dropped = 0;
  std::vector<answer> told;
};

class waiting_call final : public reply_cache::waiting_copy {
public:
  explicit waiting_call(waiting_calls& all) : all_{all} { ++all_.alive; }
  ~waiting_call() override {
    --all_.alive;
    if (!told_) ++all_.dropped;
  }
  void finish(const answer& as) override {
    must(!std::exchange(told_, true));
    all_.told.push_back(as);
  }
  bool lost() const override { return false; }

private:
  waiting_calls& all_;
  bool told_ = false;
};

std::size_t size_of(const answer& a) {
  const auto* const bytes = std::get_if<std::vector<std::byte>>(&a);
  return bytes != nullptr ? bytes->size() : 0;
}

class game {
public:
  explicit game(fuzz::input in)
      : in_{in},
        limits_{.entries = 1U + in_.decide() % 20U,
                .bytes = in_.decide(),
                .reply_bytes = in_.decide(),
                .window = std::chrono::seconds{in_.decide() % 32},
                .refusals = in_.decide() % 4U,
                .doubled_within = std::chrono::seconds{2}},
        cache_{limits_, {1, 2}} {
    for (std::size_t i = 0; i < calls; ++i) keys_[i] = key_of(cache_, i);
  }

  void play() {
    while (!in_.rest().empty()) {
      const unsigned move = in_.decide();
      const std::size_t call = in_.decide() % calls;
      switch (move % 8) {
        case 0:
          now_ += std::chrono::seconds{move / 8};
          break;
        case 1:
        case 2:
          finish(call, {});
          break;
        case 3:
          finish(call, rpc::refusal{.code = errc::proc_unavail, .status = ++answers_});
          break;
        case 4:
          finish(call, result(in_.decide()));
          break;
        default:
          begin(call, move / 8 % connections);
      }
      check();
    }
    for (std::size_t call = 0; call < calls; ++call) finish(call, {});
    check();
    must(waiting_.alive == 0);
  }

private:
  struct known_call {
    std::size_t call;
    std::size_t origin;
    std::size_t newest;
    reply_cache::time_point heeded;
    bool waits = false;
    bool finished = false;
    answer how{};
    bool once = false;
    bool kept = false;
    std::optional<reply_cache::time_point> ended{};  // none: the time has not been told since
  };
  using known_calls = std::vector<known_call>;  // those that ended last are last

  struct turned_away {
    std::size_t call;
    reply_cache::time_point at;
  };

  static bool is_once(std::size_t call) { return call % 2 == 1; }
  static bool has_ended(const known_call& c) { return c.finished; }
  static bool may_be_evicted(const known_call& c) { return c.finished && !c.once; }
  std::size_t room() const { return std::min(limits_.bytes, limits_.reply_bytes); }

  // What the calls for which `counts` holds keep, and what those that run have reserved.
  template <class Counts>
  std::size_t bytes_of(Counts counts) const {
    std::size_t sum = 0;
    for (const known_call& c : model_) {
      if (!counts(c)) continue;
      if (c.kept) sum += size_of(c.how);
      if (c.once && !c.finished) sum += room();
    }
    return sum;
  }
  std::size_t bytes_taken() const {
    return bytes_of([](const known_call&) { return true; });
  }
  std::size_t bytes_for_good() const {
    return bytes_of([](const known_call& c) { return c.once; });
  }

  answer result(std::size_t size) {
    ++answers_;
    std::vector<std::byte> bytes(size, static_cast<std::byte>(answers_));
    return bytes;
  }

  known_calls::iterator find(std::size_t call) {
    return std::ranges::find(model_, call, &known_call::call);
  }
  void evict() {
    const auto oldest = std::ranges::find_if(model_, may_be_evicted);
    must(oldest != model_.end());
    model_.erase(oldest);
    ++expected_.evicted;
  }
  void forget_old() {
    for (known_call& c : model_) {
      if (c.finished && !c.ended) c.ended = now_;
    }
    const auto is_old = [&](auto at) { return now_ - at >= limits_.window; };
    std::erase_if(model_, [&](const known_call& c) { return c.finished && is_old(*c.ended); });
    std::erase_if(refused_, [&](const turned_away& t) { return is_old(t.at); });
  }

  bool is_refused(std::size_t call) const {
    return std::ranges::find(refused_, call, &turned_away::call) != refused_.end();
  }
  reply_cache::state turn_away(std::size_t call) {
    ++expected_.refused;
    if (is_refused(call)) return refused;
    if (!is_once(call) || refused_.size() == limits_.refusals) return full;
    refused_.push_back({.call = call, .at = now_});
    return refused;
  }
  // What a call comes to that is not known.
  reply_cache::state admit(std::size_t call, std::size_t from) {
    const bool once = is_once(call);
    const bool crowded = model_.size() == limits_.entries;
    const bool no_entry = crowded && std::ranges::none_of(model_, may_be_evicted);
    const bool no_bytes = once && bytes_for_good() + room() > limits_.bytes;
    if (is_refused(call) || no_entry || no_bytes) return turn_away(call);
    if (crowded) evict();
    while (once && bytes_taken() + room() > limits_.bytes) evict();
    ++expected_.started;
    model_.push_back({.call = call, .origin = from, .newest = from, .heeded = now_, .once = once});
    return started;
  }

  void begin(std::size_t call, std::size_t from) {
    const std::size_t dropped = waiting_.dropped;
    const auto kind = is_once(call) ? reply_cache::kind::once : reply_cache::kind::evictable;
    const bool datagram = from == connections - 1;
    const reply_cache::finding found =
        cache_.begin(keys_[call], kind, now_, {&origins_[from], datagram},
                     [&] { return std::make_unique<waiting_call>(waiting_); });
    forget_old();
    const auto known = find(call);
    bool replaced = false;
    if (known == model_.end()) {
      must(found.is == admit(call, from));
    } else if (known->finished && !known->kept) {
      ++expected_.too_large;
      must(found.is == too_large);
    } else if (known->finished && datagram && now_ - known->heeded < limits_.doubled_within) {
      ++expected_.doubled;
      must(found.is == doubled);
    } else if (known->finished) {
      ++expected_.hits;
      must(found.is == finished);
      must(*found.how == known->how);
      known->heeded = now_;
    } else if (from == known->origin || from == known->newest) {
      ++expected_.in_progress;
      known->heeded = now_;
      must(found.is == in_progress);
    } else {
      ++expected_.attached;
      known->heeded = now_;
      must(found.is == attached);
      replaced = std::exchange(known->waits, true);
      known->newest = from;
    }
    must(waiting_.dropped == dropped + (replaced ? 1 : 0));
  }

  void finish(std::size_t call, answer how) {
    const auto known = find(call);
    if (known == model_.end() || known->finished) return;
    known_call ended = *known;
    model_.erase(known);
    const std::size_t size = size_of(how);
    ended.finished = true;
    ended.how = how;
    ended.kept = size <= room() && bytes_for_good() + size <= limits_.bytes;
    must(ended.kept || !ended.once || size > room());
    while (ended.kept && bytes_taken() + size > limits_.bytes) evict();
    waiting_.told.clear();
    cache_.finish(keys_[call], how);
    must(waiting_.told.size() == (ended.waits ? 1 : 0));
    if (ended.waits) must(waiting_.told.front() == how);
    ended.waits = false;
    model_.push_back(std::move(ended));
  }

  void check() const {
    const rpc::reply_cache_counters counted = cache_.counters();
    must(counted.entries <= limits_.entries);
    must(counted.bytes + counted.reserved <= limits_.bytes);
    must(counted.entries == model_.size());
    must(counted.bytes + counted.reserved == bytes_taken());
    must(counted.started == expected_.started);
    must(counted.hits == expected_.hits);
    must(counted.doubled == expected_.doubled);
    must(counted.in_progress == expected_.in_progress);
    must(counted.attached == expected_.attached);
    must(counted.too_large == expected_.too_large);
    must(counted.refused == expected_.refused);
    must(counted.evicted == expected_.evicted);
    must(counted.started ==
         counted.entries + counted.evicted + counted.expired + counted.forgotten);
    must(waiting_.alive == static_cast<std::size_t>(std::ranges::count_if(
                               model_, [](const known_call& c) { return c.waits; })));
  }

  fuzz::input in_;
  rpc::reply_cache_limits limits_;
  waiting_calls waiting_;  // outlives those that wait in the cache
  reply_cache cache_;
  std::array<rpc::reply_key, calls> keys_;
  std::array<char, connections> origins_{};
  reply_cache::time_point now_{std::chrono::hours{1}};
  known_calls model_;
  std::vector<turned_away> refused_;
  rpc::reply_cache_counters expected_;
  std::uint32_t answers_ = 0;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size <= 4096) game{{data, size}}.play();
  return 0;
}
