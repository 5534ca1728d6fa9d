// Unions that contain themselves by way of an arm: `union type switch (kind k) { case NONE: void;
// case OPTION: option o; }; struct option { type inner; };`. Their values have an end, but only
// what is kept on the heap has a size; so each arm on such a way is marked.
//
// The ways are the strongly connected components of "contains by value" (Tarjan), found with a
// stack of its own: a .x may be as deep as it likes.
#include <algorithm>

#include "idl/checker.hpp"

namespace tryst::idl {
namespace {

/// The definition that a value of this type has inside of it, if there is one.
std::optional<definition_index> held(const model& in, type_index at) {
  while (in.types[at].kind == type_kind::array) at = in.types[at].element;
  if (in.types[at].kind != type_kind::named) return {};
  return in.types[at].definition;
}

std::vector<definition_index> held_by(const model& in, const definition& what) {
  std::vector<definition_index> found;
  const auto add = [&](type_index at) {
    if (const auto inner = held(in, at)) found.push_back(*inner);
  };
  if (const auto* same = std::get_if<alias>(&what.what)) add(same->type);
  if (const auto* made = std::get_if<structure>(&what.what)) {
    for (const auto& next : made->members) add(next.type);
  }
  if (const auto* made = std::get_if<union_>(&what.what)) {
    for (const auto& next : made->arms) add(next.type);
  }
  return found;
}

/// The number of each definition's component: equal numbers contain each other.
class components {
public:
  explicit components(const model& of) : model_{of}, nodes_(of.definitions.size()) {
    for (definition_index i = 0; i < nodes_.size(); ++i) {
      if (nodes_[i].order == 0) explore(i);
    }
  }
  bool together(definition_index a, definition_index b) const {
    return nodes_[a].component == nodes_[b].component;
  }

private:
  struct node {
    std::uint32_t order = 0;  // in which they were met, from 1
    std::uint32_t lowest = 0;
    std::uint32_t component = 0;  // from 1
  };
  struct step {
    definition_index index;
    std::vector<definition_index> next;
    std::size_t at = 0;
  };

  void enter(definition_index index) {
    nodes_[index].order = nodes_[index].lowest = ++met_;
    waiting_.push_back(index);
    path_.push_back({index, held_by(model_, model_.definitions[index]), 0});
  }

  void explore(definition_index first) {
    enter(first);
    while (!path_.empty()) {
      auto& top = path_.back();
      auto& here = nodes_[top.index];
      if (top.at < top.next.size()) {
        const auto next = top.next[top.at++];
        if (nodes_[next].order == 0) {
          enter(next);
        } else if (nodes_[next].component == 0) {
          here.lowest = std::min(here.lowest, nodes_[next].order);
        }
        continue;
      }
      if (here.lowest == here.order) close(top.index);
      const auto lowest = here.lowest;
      path_.pop_back();
      if (!path_.empty()) {
        auto& above = nodes_[path_.back().index].lowest;
        above = std::min(above, lowest);
      }
    }
  }

  void close(definition_index root) {
    ++closed_;
    for (;;) {
      const auto member = waiting_.back();
      waiting_.pop_back();
      nodes_[member].component = closed_;
      if (member == root) return;
    }
  }

  const model& model_;
  std::vector<node> nodes_;
  std::vector<definition_index> waiting_;
  std::vector<step> path_;
  std::uint32_t met_ = 0;
  std::uint32_t closed_ = 0;
};

}  // namespace

void find_indirect_arms(model& what) {
  const components found{what};
  for (definition_index i = 0; i < what.definitions.size(); ++i) {
    auto* made = std::get_if<union_>(&what.definitions[i].what);
    if (made == nullptr || made->arms.empty()) continue;
    for (auto& next : made->arms) {
      const auto inner = held(what, next.type);
      next.indirect = inner && found.together(*inner, i);
    }
    // A new union has an arm that ends: when none does by itself, another union has to.
    if (std::ranges::all_of(made->arms, &arm::indirect)) made->arms.front().indirect = false;
  }
}

}  // namespace tryst::idl
