// A struct with a member of every kind of shapes.hpp, and a value of it.
#pragma once

#include <limits>

#include "xdr/shapes.hpp"

namespace shapes {

// Everything at once.
struct everything {
  mixed m;
  std::vector<std::uint32_t> words;
  std::vector<double> reals;
  std::vector<std::string> names;
  std::vector<bool> flags;
  std::vector<std::int16_t> shorts;
  std::vector<sparse> kinds;
  std::vector<nothing> empties;
  std::array<std::string, 2> pair;
  std::array<std::uint64_t, 20> table{};
  std::vector<status> results;
  std::vector<std::vector<std::uint32_t>> rows;
  maybe perhaps;
  optional_data<std::string> note;
  node_list list;
  optional_data<tree> root;
  bool operator==(const everything&) const = default;
  template <class Self, class Visit>
  static constexpr void xdr_fields(Self& self, Visit&& visit) {
    visit("m", self.m);
    visit("words", self.words);
    visit("reals", self.reals, at_most<100>{});
    visit("names", self.names, at_most<10, at_most<20>>{});
    visit("flags", self.flags);
    visit("shorts", self.shorts);
    visit("kinds", self.kinds);
    visit("empties", self.empties, at_most<5>{});
    visit("pair", self.pair, each<at_most<8>>{});
    visit("table", self.table);
    visit("results", self.results);
    visit("rows", self.rows, at_most<3, at_most<4>>{});
    visit("perhaps", self.perhaps);
    visit("note", self.note, each<at_most<6>>{});
    visit("list", self.list);
    visit("root", self.root);
  }
};

inline everything sample() {
  everything e;
  e.m = sample_mixed();
  for (std::uint32_t i = 0; i < 37; ++i) e.words.push_back(i * 0x01020304);
  e.reals = {0.0, -0.0, 1e300, std::numeric_limits<double>::infinity()};
  e.names = {"", "x", "four", "a longer name of 20b"};
  e.flags = {true, false, true};
  e.shorts = {-32768, 32767};
  e.kinds = {NEG, A, B, C, D, E};
  e.empties.resize(3);
  e.pair = {"left", "right"};
  e.table[19] = 19;
  e.results.resize(3);
  e.results[0].arm() = sample_mixed();
  e.results[1].xdr_select(2);
  e.results[2].xdr_select(-7);
  e.results[2].arm() = std::string{"because"};
  e.rows = {{}, {1}, {1, 2, 3, 4}};
  e.perhaps.xdr_select(GREEN);
  e.note = std::string{"note"};
  e.list = node{1, node{2, node{3, {}}}};
  e.root = tree{tree{{}, 1}, 2};
  return e;
}

}  // namespace shapes
