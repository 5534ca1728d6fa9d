// A module whose procs are coroutines, plain functions, and ones that wait at a door.
#pragma once

#include <algorithm>
#include <stdexcept>
#include <string>
#include <tryst/rendezvous/in.hpp>
#include <tryst/rendezvous/proc.hpp>
#include <vector>

namespace tryst::rendezvous_test {

struct desk : module {
  op<std::string(std::string)> ask{this, &desk::do_ask};
  op<std::string(std::string)> look_up{this, &desk::do_look_up};
  op<void(std::string)> note{this, &desk::do_note};
  op<void(int)> count{this, &desk::do_count};
  op<void()> door{this};
  std::vector<std::string> seen;
  int counted = 0;
  int at_once = 0;
  int most_at_once = 0;

  task<std::string> do_ask(std::string what) {
    seen.push_back("asked " + what);
    most_at_once = std::max(most_at_once, ++at_once);
    co_await receive(door);
    --at_once;
    if (what == "the impossible") throw std::domain_error{what};
    co_return "answer to " + what;
  }
  task<> do_count(int n) {
    counted += n;
    co_return;
  }
  std::string do_look_up(const std::string& what) {
    if (what.empty()) throw std::invalid_argument{"look up what?"};
    return what + "?";
  }
  task<> do_note(std::string what) {
    if (what.empty()) throw std::invalid_argument{"note what?"};
    seen.push_back(what);
    co_return;
  }
};

}  // namespace tryst::rendezvous_test
