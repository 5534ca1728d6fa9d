// Blocks of a file that clients keep copies of until they are told to forget them: who writes
// writes through to the server, which calls back all others before it answers.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <tryst/rendezvous/cap.hpp>
#include <tryst/rendezvous/in.hpp>
#include <tryst/rendezvous/proc.hpp>
#include <utility>

#include "problems/cache_log.hpp"

namespace tryst::problems {

/// The server's operations, as clients see them.
struct callbacks {
  cap<std::int32_t(cap<void(block)>)> enlist;
  cap<std::int32_t(std::int32_t, block)> read;
  cap<void(std::int32_t, block, std::int32_t)> write;
};

/// Tells those who have a copy to forget it. One who does not answer for so long, or whose
/// operation is gone, is taken for dead.
struct callback_server : module {
  op<std::int32_t(cap<void(block)>)> enlist{this};
  op<std::int32_t(std::int32_t, block)> read{this};
  op<void(std::int32_t, block, std::int32_t)> write{this};

  explicit callback_server(cache_log& log, loop::duration patience)
      : log_{log}, patience_{patience} {}

  std::size_t clients() const { return clients_.size(); }

  task<> server() {
    std::int32_t last = 0;
    for (;;) {
      co_await in(
          accept(enlist) >>
              [&](cap<void(block)> forget) {
                clients_.emplace(++last, std::move(forget));
                return last;
              },
          accept(read) >>
              [&](std::int32_t who, block b) {
                holders_[b].insert(who);
                return contents_[b];
              },
          accept(write) >> [&](std::int32_t who, block b, std::int32_t value) -> task<> {
            return replace(who, b, value);
          });
    }
  }

private:
  // Nobody reads meanwhile.
  task<> replace(std::int32_t who, block b, std::int32_t value) {
    for (const std::int32_t holder : std::exchange(holders_[b], {who})) {
      if (holder == who || !clients_.contains(holder)) continue;
      if (!co_await forgets(clients_.at(holder), b)) clients_.erase(holder);
    }
    contents_[b] = value;
    log_.note(cached::apply, b, value);
  }

  task<bool> forgets(cap<void(block)> told, block b) {
    try {
      const auto said = co_await told.call_for(patience_, b);
      co_return said.has_value();
    } catch (const call_error&) {
      co_return false;
    }
  }

  cache_log& log_;
  loop::duration patience_;
  std::map<std::int32_t, cap<void(block)>> clients_;
  std::map<block, std::set<std::int32_t>> holders_;
  std::map<block, std::int32_t> contents_;
};

/// Copies, and the care not to keep what was old when it came. An
/// answer may be overtaken by the word to forget it, and by our own writing.
class copies {
public:
  const std::int32_t* find(block b) const {
    const auto found = of_.find(b);
    return found == of_.end() || !found->second.copy ? nullptr : &*found->second.copy;
  }
  void forget(block b) {
    ++of_[b].forgotten;
    of_[b].copy.reset();
  }
  int asked(block b) { return of_[b].forgotten; }
  void keep(block b, int since, std::int32_t copy) {
    entry& e = of_[b];
    if (e.forgotten == since && e.writing == 0) e.copy = copy;
  }
  void begin_write(block b) {
    forget(b);
    ++of_[b].writing;
  }
  void end_write(block b) {
    forget(b);
    --of_[b].writing;
  }

private:
  struct entry {
    std::optional<std::int32_t> copy;
    int forgotten = 0;
    int writing = 0;
  };
  std::map<block, entry> of_;
};

/// A client's cache: a module where the client is.
struct callback_cache : module {
  op<void()> enlist{this, &callback_cache::do_enlist};
  op<std::int32_t(block)> read{this, &callback_cache::do_read};
  op<void(block, std::int32_t)> write{this, &callback_cache::do_write};
  op<void(block)> forget{this, &callback_cache::do_forget};

  callback_cache(const callbacks& server, cache_log& log) : server_{server}, log_{log} {}

private:
  task<> do_enlist() { self_ = co_await server_.enlist(forget); }
  task<std::int32_t> do_read(block b) {
    if (const std::int32_t* const copy = copies_.find(b)) {
      log_.note(cached::hit, self_, b);
      co_return *copy;
    }
    const int since = copies_.asked(b);
    const std::int32_t contents = co_await server_.read(self_, b);
    copies_.keep(b, since, contents);
    co_return contents;
  }
  task<> do_write(block b, std::int32_t value) {
    copies_.begin_write(b);
    co_await server_.write(self_, b, value);
    copies_.end_write(b);
  }
  void do_forget(block b) { copies_.forget(b); }

  const callbacks& server_;
  cache_log& log_;
  std::int32_t self_ = 0;
  copies copies_;
};

}  // namespace tryst::problems
