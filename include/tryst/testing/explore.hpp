// Plays a test under many seeds. The first seed that fails is printed, its tape is made as small as
// it goes, and what is left is printed as well: TRYST_SEED=17 or TRYST_TAPE=17:z3.1 in the
// environment plays that run alone.
//
//   TEST(Buffer, KeepsTheOrder) {
//     EXPECT_TRUE(testing::explore({.seeds = testing::seeds_from_environment(10)},
//                                  [](testing::seeded_loop& l) { ... }));
//   }
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <iosfwd>
#include <optional>
#include <stdexcept>
#include <string>
#include <tryst/testing/seeded_loop.hpp>
#include <tryst/testing/tape.hpp>
#include <vector>

namespace tryst::testing {

struct seed_range {
  std::uint64_t first = 1;
  std::uint64_t count = 10;
};

/// TRYST_SEED alone, if that is set; else the seeds from 1 on, TRYST_SEEDS of them, or `few`.
/// Throws std::invalid_argument if a variable is no number.
seed_range seeds_from_environment(std::uint64_t few);

struct exploration {
  seed_range seeds = seeds_from_environment(10);
  /// So many runs at most are spent on making a tape smaller.
  std::size_t shrinking_runs = 1000;
  /// See seeded_loop::bound_steps().
  std::uint64_t most_steps = 1'000'000;
  /// Whether a run failed that threw nothing. If it stays true once it is, tapes are not shrunk.
  std::function<bool()> failed = {};
  /// Where failures are told; null: std::cerr.
  std::ostream* told = nullptr;
  /// Tells each seed before it is played: the last one told is the one that crashed, or hangs.
  /// TRYST_TELL=1 in the environment does the same.
  bool tell_each = false;
};

/// A seed that fails.
struct finding {
  std::uint64_t seed;
  std::string failure;  ///< what was thrown
  tape recorded;
  tape shrunk;
  std::string failure_of_shrunk;
  /// False: played once more, the tape did not fail. Something is not drawn from the loop.
  bool repeatable = true;
};

/// True: nothing failed.
struct explored {
  std::uint64_t runs = 0;  ///< without those of the shrinking
  std::optional<finding> found;
  explicit operator bool() const noexcept { return !found; }
};

/// Plays `body` with a new loop for each seed, until one fails: by an exception from the body, by
/// options.failed(), or by a process that has not ended when the body is over. A tape in TRYST_TAPE
/// is played instead. Throws std::invalid_argument if that is not a tape.
[[nodiscard]] explored explore(const exploration& options,
                               const std::function<void(seeded_loop&)>& body);

/// Thrown by require() and by the checkers.
class check_failed : public std::runtime_error {
public:
  using std::runtime_error::runtime_error;
};

/// Throws check_failed with `sentence` unless it holds.
void require(bool holds, const std::string& sentence);

/// The smallest that was found of the sequences for which `fails` is true, as it is for `choices`:
/// shorter, with more 0s, with smaller numbers. Asks so often at most.
std::vector<std::uint32_t> shrink(
    std::vector<std::uint32_t> choices, std::size_t most_runs,
    const std::function<bool(const std::vector<std::uint32_t>&)>& fails);

}  // namespace tryst::testing
