// Who waits, as the checkers of the allocators know it from the log: in the order of arrival.
#pragma once

#include <algorithm>
#include <functional>
#include <vector>

namespace tryst::problems {

class waiting_list {
public:
  struct entry {
    int who;
    int value;
  };

  void add(int who, int value) { entries_.push_back({who, value}); }
  /// False: it does not wait.
  bool remove(int who) {
    return std::erase_if(entries_, [who](const entry& e) { return e.who == who; }) > 0;
  }
  bool empty() const { return entries_.empty(); }
  const std::vector<entry>& entries() const { return entries_; }

  /// Of those with the least key the one that waits longest; not of an empty list.
  template <class Key>
  const entry& least(Key key) const {
    return *std::ranges::min_element(entries_, std::less{},
                                     [&](const entry& e) { return key(e.value); });
  }

private:
  std::vector<entry> entries_;
};

}  // namespace tryst::problems
