// What must not stand in the code, read line by line: each rule names the reason.
#include <gtest/gtest.h>
#include <algorithm>

#include "source_tree.hpp"

namespace tryst::layers {
namespace {

std::string where(const source_file& file, std::size_t index) {
  return file.path + ":" + std::to_string(index + 1) + ": ";
}

/// This folder spells the forbidden words out.
bool is_this_folder(const source_file& file) { return file.in("tests/layers/"); }

bool is_golden(const source_file& file) { return file.path.find("/golden/") != std::string::npos; }

/// Fails at every line of code in `files` that has one of `words`.
template <class Files>
void forbid(Files files, const std::vector<std::string_view>& words, std::string_view reason) {
  for (const auto& file : all_files()) {
    if (!file.is_code() || is_this_folder(file) || !files(file)) continue;
    for (std::size_t i = 0; i < file.lines.size(); ++i) {
      const auto code = code_of(file.lines[i]);
      // The root of a chain of coroutines has nobody to hand an exception to; none reaches it.
      if (has_word(code, "unhandled_exception")) continue;
      for (const auto word : words) {
        EXPECT_FALSE(has_word(code, word)) << where(file, i) << word << ": " << reason;
      }
    }
  }
}

bool in_library(const source_file& file) { return file.in("include/") || file.in("src/"); }

TEST(Seam, TimeAndThreadsComeFromTheLoop) {
  forbid([](const auto& file) { return file.in("src/") && !file.in("src/loop/"); },
         {"system_clock::now", "steady_clock::now", "high_resolution_clock::now", "clock_gettime",
          "std::thread", "std::jthread", "sleep_for", "epoll_wait", "poll("},
         "only src/loop/ touches the world; take it from loop.hpp");
}

TEST(Seam, RandomnessComesFromTheLoopOrIsHandedIn) {
  // auth/ does not know the loop: who makes a verifier may hand it a source of its own.
  forbid(
      [](const auto& file) {
        return file.in("src/") && !file.in("src/loop/") && file.path != "src/auth/sys_verifier.cpp";
      },
      {"getrandom", "random_device", "mt19937", "rand(", "arc4random"},
      "take it from loop.hpp, so that a test can choose it");
}

TEST(Seam, AsioStaysInItsAdaptor) {
  for (const auto& file : all_files()) {
    if (!file.in("src/") || file.in("src/loop/") || !file.is_code()) continue;
    for (std::size_t i = 0; i < file.lines.size(); ++i) {
      EXPECT_FALSE(has_word(code_of(file.lines[i]), "asio::"))
          << where(file, i) << "compiled code above the loop does not know Asio";
    }
  }
}

TEST(SecD4, NothingInTheLibraryCanEndTheProcess) {
  forbid(
      in_library,
      {"abort(", "std::terminate", "terminate(", "exit(", "_exit(", "quick_exit", "__builtin_trap"},
      "bytes from a peer must never end the process");
}

TEST(Style, HasOneConceptAHeader) {
  for (const auto& file : all_files()) {
    if (!file.is_code() || is_golden(file)) continue;
    const std::size_t most = file.is_header() ? 300 : 500;
    EXPECT_LE(file.lines.size(), most)
        << file.path << ":" << most << ": is there a second concept inside?";
  }
}

TEST(Style, BeginsEachHeaderWithWhatItIs) {
  for (const auto& file : all_files()) {
    if (!file.in("include/")) continue;
    ASSERT_FALSE(file.lines.empty()) << file.path;
    EXPECT_TRUE(file.lines.front().starts_with("// "))
        << where(file, 0) << "say what this header is";
    const auto once = std::ranges::find(file.lines, "#pragma once");
    EXPECT_NE(once, file.lines.end()) << where(file, 0) << "no #pragma once";
  }
}

TEST(Style, LeavesNamesOfOthersInTheirNamespaces) {
  forbid([](const auto& file) { return file.is_header(); }, {"using namespace"},
         "a header must not open a namespace for its users");
}

TEST(Style, KeepsNoDeadCodeAndNoOpenEnds) {
  for (const auto& file : all_files()) {
    if (is_this_folder(file) ||
        !(file.is_code() || file.path.ends_with(".txt") || file.path.ends_with(".cmake"))) {
      continue;
    }
    for (std::size_t i = 0; i < file.lines.size(); ++i) {
      const auto& line = file.lines[i];
      EXPECT_FALSE(line.starts_with("#if 0")) << where(file, i) << "dead code";
      for (const std::string_view word : {"XXX", "FIXME", "HACK"}) {
        EXPECT_FALSE(has_word(line, word)) << where(file, i) << word;
      }
      if (has_word(line, "TODO")) {
        EXPECT_NE(line.find("issue"), line.npos) << where(file, i) << "a TODO names its issue";
      }
    }
  }
}

TEST(Style, NamesNoPathOfADevelopersMachine) {
  for (const auto& file : all_files()) {
    if (is_this_folder(file)) continue;
    for (std::size_t i = 0; i < file.lines.size(); ++i) {
      for (const std::string_view path : {TRYST_SOURCE_DIR "/", "/home/", "/root/"}) {
        EXPECT_EQ(file.lines[i].find(path), std::string::npos) << where(file, i) << path;
      }
    }
  }
}

TEST(Tests, AreNeitherSkippedNorTimedBySleeping) {
  forbid([](const auto& file) { return file.in("tests/"); },
         {"GTEST_SKIP", "sleep_for", "sleep_until", "usleep", "nanosleep"},
         "a test runs always, and waits for events and not for the clock");
  for (const auto& file : all_files()) {
    if (!file.in("tests/") || !file.is_code() || is_this_folder(file)) continue;
    for (std::size_t i = 0; i < file.lines.size(); ++i) {
      EXPECT_EQ(file.lines[i].find("DISABLED_"), std::string::npos)
          << where(file, i) << "a disabled test";
    }
  }
}

}  // namespace
}  // namespace tryst::layers
