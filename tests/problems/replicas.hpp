// A file in several copies, and the transactions of those who use it as if there were one. A copy
// only knows its lock, and what it has: how many copies a reader or a writer needs is the clients'
// agreement.
#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <random>
#include <tryst/bridge/remote_operation.hpp>
#include <tryst/error.hpp>
#include <tryst/rendezvous/in.hpp>
#include <vector>

#include "problems/stage.hpp"
#include "replicated_files.hpp"

namespace tryst::problems {

using replicated_files::COPY_V1;
using replicated_files::stamped;

struct file_copy : module {
  op<void(bool)> lock{this};
  op<stamped()> read{this};
  op<void(stamped)> prepare{this};
  op<void(bool)> unlock{this};

  stamped held{};  // to be looked at when all is over
  int locks = 0;   // that somebody has

  task<> server() {
    bool writing = false;
    std::optional<stamped> prepared;
    const auto may = [&](bool to_write) { return !writing && (!to_write || locks == 0); };
    for (;;) {
      co_await in(
          accept(lock).such_that(may) >>
              [&](bool to_write) {
                ++locks;
                writing = to_write;
              },
          accept(read) >> [&] { return held; }, accept(prepare) >> [&](stamped s) { prepared = s; },
          accept(unlock) >>
              [&](bool counts) {
                if (counts && prepared) held = *prepared;
                prepared.reset();
                writing = false;
                --locks;
              });
    }
  }
};

struct far_copy : remote_module<COPY_V1> {
  using remote_module::remote_module;
  remote_op<COPY_V1::LOCK> lock{this};
  remote_op<COPY_V1::READ> read{this};
  remote_op<COPY_V1::PREPARE> prepare{this};
  remote_op<COPY_V1::UNLOCK> unlock{this};
};

/// What a client does with the copies; `Copy` is one of them, near or far. Locks are taken in the
/// order of the copies, so that nobody waits for somebody who waits for him.
template <class Copy>
class replicas {
public:
  using chosen = std::vector<std::size_t>;

  replicas(stage& on, std::vector<Copy*> copies)
      : on_{on}, copies_{std::move(copies)}, lost_(copies_.size()), random_{on.home().random()} {}

  /// One that is picked at random, all, or a majority of those that were not found to be lost.
  chosen one() { return {random_() % copies_.size()}; }
  chosen all() const { return those_left(); }
  chosen majority() {
    chosen left = those_left();
    std::ranges::shuffle(left, random_);
    left.resize(std::min(left.size(), copies_.size() / 2 + 1));
    std::ranges::sort(left);
    return left;
  }

  /// Locks them; without any when one of them is lost.
  task<bool> lock(const chosen& which, bool to_write) {
    for (std::size_t i = 0; i < which.size(); ++i) {
      if (co_await reached(which[i], copies_[which[i]]->lock, to_write)) continue;
      co_await unlock(chosen(which.begin(), which.begin() + static_cast<std::ptrdiff_t>(i)), false);
      co_return false;
    }
    co_return true;
  }
  task<> unlock(const chosen& which, bool counts) {
    for (const std::size_t i : which) co_await reached(i, copies_[i]->unlock, counts);
  }

  /// The newest that they have; nothing when one of them is lost.
  task<std::optional<stamped>> newest(const chosen& which) {
    stamped newest{.version = -1, .value = 0};
    for (const std::size_t i : which) {
      try {
        const stamped found = co_await on_.call(copies_[i]->read);
        if (found.version > newest.version) newest = found;
      } catch (const call_error&) {
        lost_[i] = true;
      }
      if (lost_[i]) co_return std::nullopt;
    }
    co_return newest;
  }
  task<bool> prepare(const chosen& which, stamped s) {
    for (const std::size_t i : which) {
      if (!co_await reached(i, copies_[i]->prepare, s)) co_return false;
    }
    co_return true;
  }

private:
  chosen those_left() const {
    chosen left;
    for (std::size_t i = 0; i < copies_.size(); ++i) {
      if (!lost_[i]) left.push_back(i);
    }
    return left;
  }

  template <class Op, class Argument>
  task<bool> reached(std::size_t which, Op& operation, Argument argument) {
    try {
      co_await on_.call(operation, argument);
    } catch (const call_error&) {
      lost_[which] = true;
    }
    co_return !lost_[which];
  }

  stage& on_;
  std::vector<Copy*> copies_;
  std::vector<bool> lost_;
  std::mt19937_64 random_;
};

/// Reads the file from `read_of()` and gives it to `note` while it has the locks; again, when one
/// was lost.
template <class Replicas, class Choose, class Note>
task<> read_file(Replicas& of, Choose choose, Note note) {
  for (;;) {
    const auto which = choose(of);
    if (!co_await of.lock(which, false)) continue;
    const std::optional<stamped> found = co_await of.newest(which);
    if (found) note(*found);
    co_await of.unlock(which, false);
    if (found) co_return;
  }
}

/// The same with a new version, which holds `value`. It counts from when all of them have it.
template <class Replicas, class Choose, class Note>
task<> write_file(Replicas& of, Choose choose, int value, Note note) {
  for (;;) {
    const auto which = choose(of);
    if (!co_await of.lock(which, true)) continue;
    std::optional<stamped> next = co_await of.newest(which);
    if (next) {
      next = stamped{.version = next->version + 1, .value = value};
      if (!co_await of.prepare(which, *next)) next.reset();
    }
    if (next) note(*next);
    co_await of.unlock(which, next.has_value());
    if (next) co_return;
  }
}

}  // namespace tryst::problems
