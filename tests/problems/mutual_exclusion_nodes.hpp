// Nodes that let one at a time in without a center, and what is noted of them.
#pragma once

#include <algorithm>
#include <utility>

#include "problems/event_log.hpp"
#include "problems/group_node.hpp"

namespace tryst::problems::exclusion {

enum class did { ask, grant, in, out, hop, lock_message };
using events_of_run = std::vector<event<did>>;

/// What nodes share with their test.
struct meeting {
  event_log<did> log;
  int entries = 0;  // of all
};

/// Asks all others, who answer at once unless they ask too, and did so before.
class stamping_node final : public group_node {
public:
  stamping_node(int me, int size, meeting& of) : group_node{me, size}, of_{of} {}

private:
  enum : int { request, answer };

  void entering(call<void()> c) override {
    of_.log.note(did::ask, me_);
    caller_ = std::move(c);
    stamp_ = ++clock_;
    answers_ = 0;
    write_to_all(request, stamp_);
  }
  void leaving() override {
    caller_.reset();
    for (const int other : std::exchange(put_off_, {})) write(other, answer, 0);
  }
  void received(int from, int kind, int value) override {
    if (kind == request) {
      clock_ = std::max(clock_, value);
      const bool mine_first = caller_ && std::pair{stamp_, me_} < std::pair{value, from};
      if (mine_first) return put_off_.push_back(from);
      return write(from, answer, 0);
    }
    if (++answers_ < size_ - 1) return;
    of_.log.note(did::grant, me_, stamp_);
    caller_->reply();
  }
  bool finished() const override {
    return letters_written() == 2 * (size_ - 1) * of_.entries / size_;
  }

  meeting& of_;
  std::optional<call<void()>> caller_;  // also while it is inside
  int clock_ = 0;
  int stamp_ = 0;
  int answers_ = 0;
  std::vector<int> put_off_;
};

/// Who has the token may enter. It says how many entries are still to come; less: that it is over.
class ring_node final : public group_node {
public:
  ring_node(int me, int size, meeting& of) : group_node{me, size}, of_{of} {}

private:
  void begin() override {
    if (me_ == 0) pass(of_.entries);
  }
  void entering(call<void()> c) override {
    of_.log.note(did::ask, me_);
    caller_ = std::move(c);
  }
  void leaving() override {
    pass(--left_);
    over_ = left_ == 0;
  }
  void received(int, int, int left) override {
    of_.log.note(did::hop, me_);
    left_ = left;
    over_ = left <= 0;
    if (caller_) {
      of_.log.note(did::grant, me_);
      std::exchange(caller_, {})->reply();
    } else if (left > 2 - size_) {
      pass(over_ ? left - 1 : left);
    }
  }
  bool finished() const override { return over_; }
  void pass(int left) { write((me_ + 1) % size_, 0, left); }

  meeting& of_;
  std::optional<call<void()>> caller_;
  int left_ = 0;
  bool over_ = false;
};

}  // namespace tryst::problems::exclusion
