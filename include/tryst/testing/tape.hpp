// The choices of a run, in the order in which they were made. A tape is made from a seed as it is
// played, and records what it gave; played once more it gives the same, and after its end always
// the first of the possibilities, which is what a loop in use would do.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tryst::testing {

class tape {
public:
  /// Choices drawn from `seed`, without end. Some seeds choose evenly, others the first nearly
  /// always, others often the last: bugs differ in what finds them.
  explicit tape(std::uint64_t seed) noexcept;
  /// A recorded one.
  tape(std::uint64_t seed, std::vector<std::uint32_t> choices) noexcept;
  /// What text() made; nothing if it is not a tape.
  static std::optional<tape> parse(std::string_view text);

  /// One of 0 ... `of` - 1. Of one possibility nothing is recorded. `of` must not be 0.
  std::size_t choose(std::size_t of);

  /// Random bits that follow from the seed, and of which nothing is recorded.
  std::uint64_t bits() noexcept;

  std::uint64_t seed() const noexcept { return seed_; }
  /// What was given until now.
  const std::vector<std::uint32_t>& played() const noexcept { return played_; }
  /// What a recorded tape gives before it gives 0s alone.
  const std::vector<std::uint32_t>& choices() const noexcept { return choices_; }
  /// What was given until now without the 0s at its end, to be played again.
  tape recorded() const;
  /// For TRYST_TAPE: the seed and what a recorded tape will give.
  std::string text() const;

private:
  std::uint32_t draw(std::size_t of) noexcept;

  std::uint64_t seed_;
  std::uint64_t choosing_;  // the states of two generators
  std::uint64_t bits_;
  bool endless_;
  std::vector<std::uint32_t> choices_;
  std::vector<std::uint32_t> played_;
};

}  // namespace tryst::testing
