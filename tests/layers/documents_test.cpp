// The documents against the tree: every numbered promise has a test, every test that is named
// exists, every link leads somewhere.
#include <gtest/gtest.h>
#include <algorithm>
#include <cctype>
#include <filesystem>
#include <map>
#include <set>
#include <utility>

#include "source_tree.hpp"

namespace tryst::layers {
namespace {

/// `Pitfall09` → the names of its tests in tests/, whole: `Pitfall09.DeniedRepliesHaveNoVerifier`;
/// `SecA9.*` for one that the build names by a macro.
using tests_by_suite = std::map<std::string, std::set<std::string>>;

/// The next word of `text` from `at` on, which is moved behind the word.
std::string word_at(std::string_view text, std::size_t& at) {
  static constexpr std::string_view delimiters = " ,()";
  const auto begin = std::min(text.find_first_not_of(delimiters, at), text.size());
  const auto end = std::min(text.find_first_of(delimiters, begin), text.size());
  at = end;
  return std::string{text.substr(begin, end - begin)};
}

bool is_macro(std::string_view name) {
  return std::ranges::none_of(name, [](unsigned char c) { return std::islower(c) != 0; });
}

// `tests/wrong_programs/rule_c2_is_not_serviced.cpp` is a test of RuleC2: it must not compile.
void add_wrong_program(std::string_view path, tests_by_suite& suites) {
  constexpr std::string_view folder = "tests/wrong_programs/";
  constexpr std::string_view mark = "rule_";
  if (!path.starts_with(std::string{folder} + std::string{mark})) return;
  const auto name = path.substr(folder.size(), path.rfind('.') - folder.size());
  auto number = std::string{name.substr(mark.size(), name.find('_', mark.size()) - mark.size())};
  number.front() = static_cast<char>(std::toupper(static_cast<unsigned char>(number.front())));
  suites["Rule" + number].insert("WrongProgram." + std::string{name});
}

tests_by_suite find_tests() {
  tests_by_suite suites;
  for (const auto& file : all_files()) {
    add_wrong_program(file.path, suites);
    if (!file.in("tests/") || !file.path.ends_with(".cpp")) continue;
    // A name may stand on the line behind its TEST(.
    for (std::size_t i = 0; i < file.lines.size(); ++i) {
      std::string_view line = file.lines[i];
      if (!line.starts_with("TEST") && !line.starts_with("TYPED_TEST")) continue;
      const auto text = file.lines[i] + " " + (i + 1 < file.lines.size() ? file.lines[i + 1] : "");
      auto at = text.find('(');
      const auto suite = word_at(text, at);
      const auto name = word_at(text, at);
      // `RuleC1_ItIsSo` of a suite for many settings is a test of RuleC1.
      const auto number = name.starts_with("Rule") ? name.find('_') : name.npos;
      suites[number == name.npos ? suite : name.substr(0, number)].insert(
          suite + "." + (is_macro(name) ? "*" : name));
    }
  }
  return suites;
}

const source_file& document(std::string_view path) {
  return *std::ranges::find(all_files(), path, &source_file::path);
}

/// The rows of a document's tables whose first cell is a number or a class: cell → test names.
std::map<std::string, std::set<std::string>> rows_of(const source_file& file) {
  std::map<std::string, std::set<std::string>> rows;
  for (const std::string_view line : file.lines) {
    if (!line.starts_with("| ")) continue;
    const auto id = std::string{line.substr(2, line.find(' ', 2) - 2)};
    if (id == "#") continue;
    auto& names = rows[id];
    const auto last = line.rfind('|', line.size() - 2);
    for (auto open = line.find('`', last); open != line.npos;) {
      const auto close = line.find('`', open + 1);
      names.insert(std::string{line.substr(open + 1, close - open - 1)});
      open = line.find('`', close + 1);
    }
  }
  return rows;
}

/// Fails for each row without a test, each name without a test, and each test without its name.
void compare(const source_file& file, std::string_view prefix,
             const std::vector<std::string>& demanded) {
  const auto suites = find_tests();
  const auto rows = rows_of(file);
  for (const auto& id : demanded) EXPECT_TRUE(rows.contains(id)) << file.path << ": no row " << id;
  for (const auto& [id, names] : rows) {
    const bool one_digit = prefix == "Pitfall" && id.size() == 1;
    const auto suite = std::string{prefix} + (one_digit ? "0" : "") + id;
    const auto tests = suites.find(suite);
    if (tests == suites.end()) {
      ADD_FAILURE() << file.path << ": row " << id << " has no test named " << suite;
      continue;
    }
    for (const auto& name : names) {
      EXPECT_TRUE(tests->second.contains(name))
          << file.path << ": row " << id << ": there is no " << name;
    }
    for (const auto& name : tests->second) {
      EXPECT_TRUE(names.contains(name)) << file.path << ": row " << id << " does not name " << name;
    }
  }
  for (const auto& [suite, tests] : suites) {
    if (!suite.starts_with(prefix)) continue;
    auto id = suite.substr(prefix.size());
    if (std::isdigit(static_cast<unsigned char>(id.back())) == 0) continue;
    if (prefix == "Pitfall" && id.starts_with('0')) id.erase(0, 1);
    EXPECT_TRUE(rows.contains(id)) << file.path << ": no row for " << suite;
  }
}

TEST(Documents, NameATestForEachPitfall) {
  std::vector<std::string> demanded;
  for (const auto& [first, last] : {std::pair{1, 50}, {52, 53}, {60, 88}}) {
    for (int number = first; number <= last; ++number) demanded.push_back(std::to_string(number));
  }
  compare(document("docs/pitfalls.md"), "Pitfall", demanded);
}

TEST(Documents, NameATestForEachClassOfAttack) {
  compare(document("docs/security-classes.md"), "Sec",
          {"A1", "A2", "A3", "A4", "A5", "A6", "A7", "A8", "A9", "B1", "B2", "B3", "B4", "B5",
           "C1", "C2", "C3", "D1", "D2", "D4", "E1", "E2", "E3", "E4", "E5", "E6", "H1", "H2"});
}

TEST(Documents, NameATestForEachRuleOfRendezvous) {
  std::vector<std::string> demanded;
  for (const auto& [letter, count] : {std::pair{'M', 5}, {'I', 7}, {'S', 13}, {'C', 4}, {'F', 7}}) {
    for (int number = 1; number <= count; ++number) {
      demanded.push_back(letter + std::to_string(number));
    }
  }
  compare(document("docs/rules.md"), "Rule", demanded);
}

/// `line` without what stands between backticks, where `[&](int)` is a closure.
std::string without_code(std::string_view line) {
  std::string text;
  bool is_code = false;
  for (const char c : line) {
    if (c == '`') is_code = !is_code;
    if (!is_code) text += c;
  }
  return text;
}

TEST(Documents, LinkToFilesThatExist) {
  namespace fs = std::filesystem;
  const fs::path top{TRYST_SOURCE_DIR};
  for (const auto& file : all_files()) {
    if (!file.path.ends_with(".md")) continue;
    bool is_code = false;
    for (std::size_t i = 0; i < file.lines.size(); ++i) {
      if (file.lines[i].starts_with("```")) is_code = !is_code;
      if (is_code) continue;
      const std::string text = without_code(file.lines[i]);
      const std::string_view line = text;
      for (auto at = line.find("]("); at != line.npos; at = line.find("](", at + 1)) {
        auto target = line.substr(at + 2, line.find(')', at) - at - 2);
        target = target.substr(0, target.find('#'));
        if (target.empty() || target.starts_with("http")) continue;
        EXPECT_TRUE(fs::exists((top / file.path).parent_path() / target))
            << file.path << ":" << i + 1 << ": " << target << " does not exist";
      }
    }
  }
}

}  // namespace
}  // namespace tryst::layers
