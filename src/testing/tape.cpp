#include <tryst/testing/tape.hpp>

#include <charconv>
#include <utility>

namespace tryst::testing {
namespace {

// Sebastiano Vigna's splitmix64: the same on every machine and with every library.
std::uint64_t next_of(std::uint64_t& state) noexcept {
  std::uint64_t z = (state += 0x9e3779b97f4a7c15U);
  z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9U;
  z = (z ^ (z >> 27U)) * 0x94d049bb133111ebU;
  return z ^ (z >> 31U);
}

std::vector<std::uint32_t> without_last_zeros(std::vector<std::uint32_t> choices) {
  while (!choices.empty() && choices.back() == 0) choices.pop_back();
  return choices;
}

template <class T>
std::optional<T> number(std::string_view text) {
  T value{};
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failure != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// A typing error must not fill the memory.
constexpr std::uint32_t most_zeros = 100'000'000;

}  // namespace

tape::tape(std::uint64_t seed) noexcept
    : seed_{seed}, choosing_{seed}, bits_{~seed}, endless_{true} {}

tape::tape(std::uint64_t seed, std::vector<std::uint32_t> choices) noexcept
    : seed_{seed},
      choosing_{seed},
      bits_{~seed},
      endless_{false},
      choices_{without_last_zeros(std::move(choices))} {}

std::uint32_t tape::draw(std::size_t of) noexcept {
  const std::uint64_t drawn = next_of(choosing_);
  const auto even = static_cast<std::uint32_t>((drawn >> 32U) % of);
  const std::uint64_t mood = drawn & 63U;
  switch (seed_ % 4) {
    case 0:
      return mood < 56 ? 0 : even;
    case 1:
      return mood < 24 ? static_cast<std::uint32_t>(of - 1) : even;
    default:
      return even;
  }
}

std::size_t tape::choose(std::size_t of) {
  if (of < 2) return 0;
  const std::size_t at = played_.size();
  std::uint32_t choice = 0;
  if (endless_) {
    choice = draw(of);
  } else if (at < choices_.size()) {
    choice = static_cast<std::uint32_t>(choices_[at] % of);
  }
  played_.push_back(choice);
  return choice;
}

std::uint64_t tape::bits() noexcept { return next_of(bits_); }

tape tape::recorded() const { return {seed_, played_}; }

// 17:1.z3.2 is seed 17 and the choices 1, three times 0, and 2.
std::string tape::text() const {
  std::string text = std::to_string(seed_);
  char before = ':';
  for (std::size_t at = 0; at < choices_.size(); before = '.') {
    text += before;
    std::size_t zeros = 0;
    while (choices_[at + zeros] == 0) ++zeros;  // the last one is not 0
    if (zeros > 1) text += 'z';
    text += std::to_string(zeros > 1 ? zeros : choices_[at]);
    at += zeros > 1 ? zeros : 1;
  }
  if (choices_.empty()) text += ':';
  return text;
}

std::optional<tape> tape::parse(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == text.npos) return std::nullopt;
  const auto seed = number<std::uint64_t>(text.substr(0, colon));
  if (!seed) return std::nullopt;
  text.remove_prefix(colon + 1);
  std::vector<std::uint32_t> choices;
  while (!text.empty()) {
    const std::size_t dot = text.find('.');
    std::string_view word = text.substr(0, dot);
    text.remove_prefix(dot == text.npos ? text.size() : dot + 1);
    const bool zeros = word.starts_with('z');
    if (zeros) word.remove_prefix(1);
    const auto value = number<std::uint32_t>(word);
    if (!value || (zeros && *value > most_zeros)) return std::nullopt;
    choices.resize(choices.size() + (zeros ? *value : 1), zeros ? 0 : *value);
  }
  return tape{*seed, std::move(choices)};
}

}  // namespace tryst::testing
