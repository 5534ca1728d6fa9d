// A node of a group whose members agree by letters alone, and the players that belong to it: one
// that uses it, and two messengers, between whom letters overtake each other.
#pragma once

#include <array>
#include <deque>
#include <optional>
#include <tryst/rendezvous/in.hpp>
#include <vector>

#include "distributed_semaphore.hpp"
#include "problems/staged.hpp"

namespace tryst::problems {

using distributed_semaphore::letter;
using distributed_semaphore::NODE_V1;

class group_node : public module {
public:
  op<void()> enter{this};
  op<void()> leave{this};
  op<letter()> outgoing{this};
  op<void(std::int32_t, letter)> deliver{this};

  group_node(int me, int size)
      : me_{me},
        size_{size},
        written_(static_cast<std::size_t>(size)),
        read_(static_cast<std::size_t>(size)) {}
  virtual ~group_node() = default;

  task<> server() {
    begin();
    for (;;) {
      co_await in(
          accept(enter) >> [this](call<void()> c) { entering(std::move(c)); },
          accept(leave) >> [this] { leaving(); },
          accept(outgoing).when(!outbox_.empty() || finished()) >>
              [this] {
                if (outbox_.empty()) return letter{.to = -1};
                const letter next = outbox_.front();
                outbox_.pop_front();
                return next;
              },
          // In the order in which they were written.
          accept(deliver).such_that([this](int from, const letter& l) {
            return l.number == read_[static_cast<std::size_t>(from)];
          }) >>
              [this](int from, const letter& l) {
                ++read_[static_cast<std::size_t>(from)];
                received(from, l.kind, l.value);
              });
    }
  }

  /// All letters that the node has got, and whether it has none left to carry.
  int letters_read() const {
    int sum = 0;
    for (const int n : read_) sum += n;
    return sum;
  }
  bool all_carried() const { return outbox_.empty(); }

protected:
  virtual void begin() {}
  virtual void entering(call<void()> c) = 0;
  virtual void leaving() = 0;
  virtual void received(int from, int kind, int value) = 0;
  /// Whether no letters will be written any more.
  virtual bool finished() const = 0;

  void write(int to, int kind, int value) {
    outbox_.push_back({.to = to,
                       .number = written_[static_cast<std::size_t>(to)]++,
                       .kind = kind,
                       .value = value});
  }
  void write_to_all(int kind, int value) {
    for (int to = 0; to < size_; ++to) {
      if (to != me_) write(to, kind, value);
    }
  }
  int letters_written() const {
    int sum = 0;
    for (const int n : written_) sum += n;
    return sum;
  }

  const int me_;
  const int size_;

private:
  std::deque<letter> outbox_;
  std::vector<int> written_;  // to each node
  std::vector<int> read_;     // from each
};

struct far_node : remote_module<NODE_V1> {
  using remote_module::remote_module;
  remote_op<NODE_V1::ENTER> enter{this};
  remote_op<NODE_V1::LEAVE> leave{this};
  remote_op<NODE_V1::OUTGOING> outgoing{this};
  remote_op<NODE_V1::DELIVER> deliver{this};
};

/// Three nodes with their messengers.
template <class Node>
class group_of_three {
public:
  static constexpr int size = 3;

  /// A node is made from its number, the size of the group, and `arguments`.
  template <class... A>
  explicit group_of_three(stage& s, A&... arguments)
      : on_{s},
        a_{s, 0, size, arguments...},
        b_{s, 1, size, arguments...},
        c_{s, 2, size, arguments...} {
    for (auto* node : {&a_, &b_, &c_}) {
      node->publish(&Node::enter, &Node::leave, &Node::outgoing, &Node::deliver);
      node->start((*node)->server());
    }
    for (int me = 0; me < size; ++me) {
      for (int which = 0; which < 2; ++which) {
        on_.add(
            "messenger " + std::to_string(which) + " of " + std::to_string(me),
            [me, &s](auto&... nodes) -> task<> {
              std::array all{&nodes...};
              for (;;) {
                const letter next = co_await s.call(all[static_cast<std::size_t>(me)]->outgoing);
                if (next.to < 0) co_return;
                co_await s.call(all[static_cast<std::size_t>(next.to)]->deliver, me, next);
              }
            },
            a_, b_, c_);
      }
    }
  }

  /// Adds a player for each node: user(node, its number).
  template <class User>
  void add_users(User user) {
    int me = 0;
    for (auto* node : {&a_, &b_, &c_}) {
      on_.add(
          "user of " + std::to_string(me), [user, me](auto& mine) { return user(mine, me); },
          *node);
      ++me;
    }
  }

  Node& node(int which) { return which == 0 ? *a_ : which == 1 ? *b_ : *c_; }

private:
  stage& on_;
  staged<Node, far_node> a_;
  staged<Node, far_node> b_;
  staged<Node, far_node> c_;
};

}  // namespace tryst::problems
