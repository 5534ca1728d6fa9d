// Arrays of numbers: every kernel, every length, every alignment.
#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <tryst/xdr/codec.hpp>
#include <tryst/xdr/codec_view.hpp>

#include "xdr/swap_kernels.hpp"

namespace {

namespace xdr = tryst::xdr;

std::vector<std::byte> counting_bytes(std::size_t n) {
  std::vector<std::byte> bytes(n);
  for (std::size_t i = 0; i < n; ++i) bytes[i] = std::byte(i * 7 + i / 251);
  return bytes;
}

void expect_swapped(xdr::detail::swap_function swap, std::size_t word, std::string_view name) {
  for (std::size_t words = 0; words <= 600; words += words < 80 ? 1 : 37) {
    for (std::size_t shift = 0; shift < 3; ++shift) {
      const auto from = counting_bytes(words * word + shift);
      std::vector<std::byte> to(words * word + 2, std::byte{0xee});
      swap(to.data() + 1, from.data() + shift, words * word);
      std::vector<std::byte> expected(from.begin() + static_cast<std::ptrdiff_t>(shift),
                                      from.end());
      for (std::size_t i = 0; i < expected.size(); i += word) {
        std::reverse(expected.begin() + static_cast<std::ptrdiff_t>(i),
                     expected.begin() + static_cast<std::ptrdiff_t>(i + word));
      }
      ASSERT_TRUE(std::equal(expected.begin(), expected.end(), to.begin() + 1))
          << name << " words of " << word << ": " << words;
      ASSERT_TRUE(to.front() == std::byte{0xee} && to.back() == std::byte{0xee}) << name;
    }
  }
}

TEST(Numbers, AreSwappedAlikeByEveryKernelThatThisMachineHas) {
  for (const auto& kernel : xdr::detail::swap_kernels()) {
    if (!kernel.usable) continue;
    expect_swapped(kernel.words_4, 4, kernel.needs);
    expect_swapped(kernel.words_8, 8, kernel.needs);
  }
}

template <class T>
void expect_round_trips() {
  for (const std::size_t count : {0, 1, 15, 16, 17, 100, 5000}) {
    std::vector<T> numbers(count);
    std::iota(numbers.begin(), numbers.end(), T{1});
    const auto bytes = xdr::to_bytes(numbers).value();
    EXPECT_EQ(xdr::from_bytes<std::vector<T>>(bytes), numbers);
    for (const std::size_t before : {std::size_t{3}, count / 2, count + 7}) {
      std::vector<T> old(before, T{9});
      xdr::reader in{bytes};
      xdr::decode(in, old);
      EXPECT_EQ(old, numbers) << "into " << before;
    }
    const auto view = xdr::from_bytes<xdr::number_view<T>>(bytes);
    ASSERT_TRUE(view);
    EXPECT_TRUE(std::equal(view->begin(), view->end(), numbers.begin(), numbers.end()));
  }
}

TEST(Numbers, ComeBackAsTheyWere) {
  expect_round_trips<std::int32_t>();
  expect_round_trips<std::uint32_t>();
  expect_round_trips<std::int64_t>();
  expect_round_trips<std::uint64_t>();
  expect_round_trips<float>();
  expect_round_trips<double>();
}

}  // namespace
