// The book's file server: a manager whose `open` finds a server process that is free, or makes one,
// and hands the duty to answer to it; what the client gets are capabilities of operations that this
// process has for it alone, and that end when it closes the file.
#pragma once

#include <cstdint>
#include <list>
#include <map>
#include <optional>
#include <set>
#include <tryst/rendezvous/cap.hpp>
#include <tryst/rendezvous/in.hpp>
#include <tuple>

#include "problems/event_log.hpp"

namespace tryst::problems {

using contents = std::int32_t;
/// To read, to write, and to close.
using opened_file = std::tuple<cap<contents()>, cap<void(contents)>, cap<void()>>;
using opening = opened_file(std::int32_t);

enum class file_event { open, read, write, close };

struct file_server : module {
  op<opening> open{this};

  explicit file_server(std::size_t most_servers) : most_servers_{most_servers} {}

  /// The manager; its server processes live on `home`, too.
  task<> manager(loop& home) {
    const auto may_open = [&](std::int32_t name) {
      return !busy_.contains(name) && (!idle_.empty() || servers_.size() < most_servers_);
    };
    const auto hand_over = [&](call<opening>& c, std::int32_t name) {
      if (idle_.empty()) {
        server& made = servers_.emplace_back(this, static_cast<int>(servers_.size()));
        idle_.push_back(&made);
        start(home, work(made));
      }
      server& chosen = *idle_.back();
      idle_.pop_back();
      busy_.insert(name);
      c.forward(chosen.serve, name);
    };
    for (;;) {
      co_await in(
          accept(open).such_that(may_open) >> hand_over,
          accept(done_) >> [&](server* s, std::int32_t name) {
            busy_.erase(name);
            idle_.push_back(s);
          });
    }
  }

  event_log<file_event> log;  // who: the server process
  std::size_t made() const { return servers_.size(); }
  std::size_t idle() const { return idle_.size(); }
  contents of(std::int32_t name) { return disk_[name]; }

private:
  struct server {
    server(file_server* of, int n) : serve{of}, number{n} {}
    op<opening> serve;
    int number;
  };
  struct session {
    explicit session(file_server* of) : read{of}, write{of}, close{of} {}
    op<contents()> read;
    op<void(contents)> write;
    op<void()> close;
  };

  task<> work(server& self) {
    for (;;) {
      std::optional<session> of;
      std::int32_t name = 0;
      co_await in(accept(self.serve) >> [&](call<opening>& c, std::int32_t n) {
        name = n;
        of.emplace(this);
        log.note(file_event::open, self.number, name);
        c.reply(opened_file{of->read, of->write, of->close});
      });
      contents& now = disk_[name];
      std::optional<call<void()>> closing;
      while (!closing) {
        co_await in(
            accept(of->read) >>
                [&] {
                  log.note(file_event::read, self.number, now);
                  return now;
                },
            accept(of->write) >>
                [&](contents next) {
                  now = next;
                  log.note(file_event::write, self.number, now);
                },
            accept(of->close) >>
                [&](call<void()> c) {
                  log.note(file_event::close, self.number, name);
                  closing.emplace(std::move(c));
                });
      }
      of.reset();  // who still has the capabilities gets errc::op_closed
      closing->forward(done_, &self, name);
    }
  }

  op<void(server*, std::int32_t)> done_{this};
  std::size_t most_servers_;
  std::list<server> servers_;
  std::list<server*> idle_;
  std::set<std::int32_t> busy_;
  std::map<std::int32_t, contents> disk_;
};

}  // namespace tryst::problems
