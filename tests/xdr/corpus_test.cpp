// The same hostile corpus at each level of optimisation, with pointer overflow checked: a compiler
// may not reason a bounds check away.
#include <gtest/gtest.h>

#include <random>
#include <tryst/xdr/codec.hpp>
#include <tryst/xdr/codec_view.hpp>

#include "xdr/everything.hpp"
#include "xdr/view_sample.hpp"

namespace {

namespace xdr = tryst::xdr;

// FNV-1a over what happened, so that every build can be held to the same history.
class history {
public:
  void note(std::uint64_t value) { sum_ = (sum_ ^ value) * 0x100000001b3ULL; }
  std::uint64_t sum() const { return sum_; }

private:
  std::uint64_t sum_ = 0xcbf29ce484222325ULL;
};

template <class T>
void try_all(history& seen, std::span<const std::byte> good, unsigned seed) {
  std::mt19937 random{seed};
  constexpr std::uint32_t words[] = {0,          1,          2,          0x7fffffff, 0x80000000,
                                     0xfffffffb, 0xfffffffc, 0xfffffffd, 0xfffffffe, 0xffffffff};
  for (int round = 0; round < 2000; ++round) {
    std::vector<std::byte> bad(good.begin(), good.end());
    const std::size_t at = random() % (bad.size() / 4) * 4;
    xdr::store_big(bad.data() + at, words[random() % std::size(words)]);
    if (round % 3 == 0) bad.resize(random() % (bad.size() + 1));
    const auto value = xdr::from_bytes<T>(bad, {.lenient = round % 2 == 0});
    const int first = static_cast<int>(tryst::errc::truncated);
    seen.note(value ? 0U : static_cast<unsigned>(value.error().value() - first + 1));
    if (value) seen.note(xdr::encoded_size(*value));
  }
}

TEST(SecA9, TRYST_CORPUS_NAME) {
  history seen;
  try_all<shapes::everything>(seen, xdr::to_bytes(shapes::sample()).value(), 1);
  sample::all all;
  all.words = {"one", "two"};
  all.items = sample::item{"first", {1, 2, 3}, sample::item{"second", {}, {}}};
  all.root = sample::tree{"root", sample::tree{"left", {}, {}, 2}, {}, 1};
  const auto bytes = xdr::to_bytes(all).value();
  try_all<sample::all>(seen, bytes, 2);
  try_all<sample::view::all>(seen, bytes, 2);
  // Whoever changes the corpus or the order of the checks writes the new sum here.
  EXPECT_EQ(seen.sum(), 9714846506952359963ULL);
}

}  // namespace
