#include <algorithm>
#include <bit>
#include <tryst/testing/explore.hpp>
#include <utility>

namespace tryst::testing {
namespace {

using choices_t = std::vector<std::uint32_t>;

class shrinker {
public:
  shrinker(choices_t choices, std::size_t most_runs,
           const std::function<bool(const choices_t&)>& fails)
      : best_{std::move(choices)}, runs_left_{most_runs}, fails_{fails} {
    trim(best_);
  }

  choices_t result() {
    do {
      smaller_ = false;
      cut_end();
      for (std::size_t size = std::bit_floor(std::max<std::size_t>(best_.size(), 1)); size > 0;
           size /= 2) {
        for_each_block(size, [&](choices_t& c, auto from, auto to) { c.erase(from, to); });
        for_each_block(size, [&](choices_t&, auto from, auto to) { std::fill(from, to, 0); });
      }
      lower_each();
    } while (smaller_ && runs_left_ > 0);
    return best_;
  }

private:
  static void trim(choices_t& c) {
    while (!c.empty() && c.back() == 0) c.pop_back();
  }

  bool keep_if_it_fails(choices_t candidate) {
    trim(candidate);
    if (candidate == best_ || runs_left_ == 0) return false;
    --runs_left_;
    if (!fails_(candidate)) return false;
    best_ = std::move(candidate);
    return smaller_ = true;
  }

  // The shortest beginning after which the rest may be 0.
  void cut_end() {
    std::size_t enough = best_.size();
    std::size_t too_short = 0;
    if (keep_if_it_fails({})) return;
    while (enough - too_short > 1) {
      const std::size_t half = too_short + (enough - too_short) / 2;
      choices_t beginning = best_;
      beginning.resize(std::min(half, beginning.size()));
      if (keep_if_it_fails(std::move(beginning))) {
        enough = half;
      } else {
        too_short = half;
      }
    }
  }

  template <class Change>
  void for_each_block(std::size_t size, const Change& change) {
    // From the end: what comes late decides less.
    for (std::size_t to = best_.size(); to > 0 && runs_left_ > 0;) {
      to = std::min(to, best_.size());
      const std::size_t from = to > size ? to - size : 0;
      choices_t candidate = best_;
      change(candidate, candidate.begin() + static_cast<std::ptrdiff_t>(from),
             candidate.begin() + static_cast<std::ptrdiff_t>(to));
      keep_if_it_fails(std::move(candidate));
      to = from;
    }
  }

  void lower_each() {
    for (std::size_t at = 0; at < best_.size(); ++at) {
      for (const std::uint32_t less : {best_[at] / 2, best_[at] - 1}) {
        if (at >= best_.size() || best_[at] == 0 || less >= best_[at]) continue;
        choices_t candidate = best_;
        candidate[at] = less;
        keep_if_it_fails(std::move(candidate));
      }
    }
  }

  choices_t best_;
  std::size_t runs_left_;
  const std::function<bool(const choices_t&)>& fails_;
  bool smaller_ = false;
};

}  // namespace

choices_t shrink(choices_t choices, std::size_t most_runs,
                 const std::function<bool(const choices_t&)>& fails) {
  return shrinker{std::move(choices), most_runs, fails}.result();
}

}  // namespace tryst::testing
