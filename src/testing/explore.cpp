#include <tryst/testing/explore.hpp>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <iostream>
#include <string_view>
#include <utility>

namespace tryst::testing {
namespace {

std::optional<std::uint64_t> number_from_environment(const char* variable) {
  const char* const text = std::getenv(variable);
  if (text == nullptr || *text == '\0') return std::nullopt;
  std::uint64_t value = 0;
  const std::string_view digits{text};
  const auto [end, failure] = std::from_chars(digits.begin(), digits.end(), value);
  if (failure != std::errc{} || end != digits.end()) {
    throw std::invalid_argument{std::string{variable} + "=" + text + " is not a number"};
  }
  return value;
}

std::optional<tape> tape_from_environment() {
  const char* const text = std::getenv("TRYST_TAPE");
  if (text == nullptr || *text == '\0') return std::nullopt;
  std::optional<tape> parsed = tape::parse(text);
  if (!parsed) throw std::invalid_argument{std::string{"TRYST_TAPE="} + text + " is not a tape"};
  return parsed;
}

std::string unfinished_of(const seeded_loop& l) {
  std::string text;
  for (const loop* const p : l.unfinished()) {
    if (!text.empty()) text += ", ";
    text += l.name_of(p);
  }
  return text;
}

class explorer {
public:
  explorer(const exploration& options, const std::function<void(seeded_loop&)>& body)
      : options_{options},
        body_{body},
        told_{options.told != nullptr ? *options.told : std::cerr} {}

  explored all() {
    if (const std::optional<tape> only = tape_from_environment()) return one(*only);
    explored outcome;
    const auto [first, count] = options_.seeds;
    for (std::uint64_t n = 0; n < count && !outcome.found; ++n) {
      ++outcome.runs;
      if (tell_each_) told_ << "seed " << first + n << std::endl;
      played run = play(tape{first + n});
      if (run.failure) outcome.found = look_into(std::move(run));
    }
    return outcome;
  }

private:
  struct played {
    tape recorded;
    std::optional<std::string> failure;
  };

  played play(tape choices) {
    seeded_loop l{std::move(choices)};
    l.bound_steps(options_.most_steps);
    std::optional<std::string> failure;
    try {
      body_(l);
      if (!l.unfinished().empty()) failure = "these have not ended: " + unfinished_of(l);
      if (options_.failed && options_.failed()) failure = "the test says so";
    } catch (const std::exception& e) {
      failure = e.what();
    } catch (...) {
      failure = "something was thrown that is no std::exception";
    }
    return {l.choices().recorded(), std::move(failure)};
  }

  explored one(const tape& only) {
    played run = play(only);
    explored outcome{.runs = 1, .found = {}};
    if (!run.failure) return outcome;
    told_ << "tape " << only.text() << " fails: " << *run.failure << std::endl;
    outcome.found = finding{only.seed(), *run.failure, run.recorded, run.recorded, *run.failure};
    return outcome;
  }

  finding look_into(played run) {
    const std::uint64_t seed = run.recorded.seed();
    finding f{seed, *run.failure, run.recorded, run.recorded, *run.failure};
    told_ << "seed " << seed << " fails: " << f.failure
          << "\n  to play it again: TRYST_SEED=" << seed << std::endl;
    if (options_.failed && options_.failed()) return f;
    if (!play(f.recorded).failure) {
      f.repeatable = false;
      told_ << "  played again it does not fail: something in the test is not drawn from the loop"
            << std::endl;
      return f;
    }
    const auto fails = [&](const std::vector<std::uint32_t>& choices) {
      played again = play(tape{seed, choices});
      if (!again.failure) return false;
      f.failure_of_shrunk = *std::move(again.failure);
      return true;
    };
    f.shrunk = tape{seed, shrink(f.recorded.choices(), options_.shrinking_runs, fails)};
    told_ << "  shrunk from " << f.recorded.choices().size() << " choices to "
          << f.shrunk.choices().size() << ": " << f.failure_of_shrunk
          << "\n  to play that: TRYST_TAPE=" << f.shrunk.text() << std::endl;
    return f;
  }

  const exploration& options_;
  const std::function<void(seeded_loop&)>& body_;
  std::ostream& told_;
  const bool tell_each_ =
      options_.tell_each || number_from_environment("TRYST_TELL").value_or(0) != 0;
};

}  // namespace

seed_range seeds_from_environment(std::uint64_t few) {
  if (const auto only = number_from_environment("TRYST_SEED")) return {*only, 1};
  return {1, number_from_environment("TRYST_SEEDS").value_or(few)};
}

explored explore(const exploration& options, const std::function<void(seeded_loop&)>& body) {
  return explorer{options, body}.all();
}

void require(bool holds, const std::string& sentence) {
  if (!holds) throw check_failed{sentence};
}

}  // namespace tryst::testing
