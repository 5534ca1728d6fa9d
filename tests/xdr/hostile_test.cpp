// Bytes meant to harm: the classes A1, A2 and A4 to A7 of the reliability catalogue, for values.
#include <gtest/gtest.h>

#include <random>
#include <tryst/xdr/borrowed.hpp>
#include <tryst/xdr/codec.hpp>

#include "compiler/golden/calc.hpp"
#include "support/allocation_meter.hpp"
#include "xdr/everything.hpp"
#include "xdr/hex.hpp"

namespace {

using namespace shapes;
using tryst::errc;
using tryst::test::allocation_meter;
using tryst::test::bytes_of;
namespace xdr = tryst::xdr;

using word_pair = std::array<std::uint32_t, 2>;

// The counts that overflow when they are multiplied or padded carelessly.
std::vector<std::uint32_t> nasty_counts(std::uint32_t max) {
  return {max,        max + 1,    0x1fffffff, 0x20000000, 0x20000001,
          0x3fffffff, 0x40000000, 0x7fffffff, 0x80000000, 0x80000001,
          0xfffffff8, 0xfffffffc, 0xfffffffd, 0xfffffffe, 0xffffffff};
}

// A count and `behind` zero bytes.
std::vector<std::byte> counted(std::uint32_t count, std::size_t behind) {
  std::vector<std::byte> bytes(4 + behind);
  xdr::store_big(bytes.data(), count);
  return bytes;
}

// Max is the bound; each element takes at least `wire` bytes.
template <class T, std::uint32_t Max>
void expect_counts_to_be_bounded(std::size_t wire) {
  using bounded = xdr::at_most<Max>;
  for (const std::uint32_t count : nasty_counts(Max)) {
    for (const std::size_t behind : {std::size_t{0}, (std::size_t{Max} + 1) * wire}) {
      const auto bytes = counted(count, xdr::padded(behind));
      const allocation_meter meter;
      const auto bound = xdr::from_bytes<T, bounded>(bytes);
      const auto free = xdr::from_bytes<T>(bytes);
      EXPECT_LE(meter.peak(), xdr::default_budget(bytes.size()) + 1024);
      std::error_code expected;
      if (count > Max)
        expected = errc::bound_exceeded;
      else if (behind == 0 && wire != 0)
        expected = errc::truncated;
      if (expected) {
        EXPECT_EQ(bound.error(), expected) << count;
      }
      EXPECT_TRUE(count <= Max + 1 || !free) << count;
    }
  }
}

TEST(SecA1, CountsNeverOverflowWhateverTheTypeAndTheBytesBehind) {
  expect_counts_to_be_bounded<std::string, 5>(1);
  expect_counts_to_be_bounded<std::string_view, 5>(1);
  expect_counts_to_be_bounded<std::vector<std::byte>, 5>(1);
  expect_counts_to_be_bounded<std::span<const std::byte>, 5>(1);
  expect_counts_to_be_bounded<std::vector<std::uint32_t>, 100>(4);
  expect_counts_to_be_bounded<std::vector<double>, 100>(8);
  expect_counts_to_be_bounded<xdr::number_view<double>, 100>(8);
  expect_counts_to_be_bounded<std::vector<std::uint8_t>, 100>(4);
  expect_counts_to_be_bounded<std::vector<bool>, 100>(4);
  expect_counts_to_be_bounded<std::vector<std::string>, 100>(4);
  expect_counts_to_be_bounded<xdr::view_array<std::string_view>, 100>(4);
  expect_counts_to_be_bounded<std::vector<scalars>, 100>(84);
  expect_counts_to_be_bounded<std::vector<mixed>, 100>(124);
  expect_counts_to_be_bounded<std::vector<status>, 100>(124);
  expect_counts_to_be_bounded<std::vector<nothing>, 100>(0);
  expect_counts_to_be_bounded<xdr::view_array<nothing>, 100>(0);
  expect_counts_to_be_bounded<std::vector<std::vector<word_pair>>, 100>(4);
  expect_counts_to_be_bounded<std::vector<xdr::optional_data<node>>, 100>(4);
}

TEST(SecA2, OnlyTheBoundRefusesWhatIsThereInFull) {
  const auto expect = []<class T, std::uint32_t Max>(const T& fits, const T& too_many,
                                                     xdr::at_most<Max>) {
    using bounded = xdr::at_most<Max>;
    EXPECT_TRUE((xdr::from_bytes<T, bounded>(xdr::to_bytes(fits).value())));
    EXPECT_EQ((xdr::from_bytes<T, bounded>(xdr::to_bytes(too_many).value()).error()),
              errc::bound_exceeded);
    EXPECT_TRUE(xdr::to_bytes<bounded>(fits));
    EXPECT_EQ(xdr::to_bytes<bounded>(too_many).error(), errc::bound_exceeded);
  };
  using three = xdr::at_most<3>;
  expect(std::string(3, 'x'), std::string(4, 'x'), three{});
  expect(std::vector<std::byte>(3), std::vector<std::byte>(4), three{});
  expect(std::vector<std::uint64_t>(3), std::vector<std::uint64_t>(4), three{});
  expect(std::vector<bool>(3), std::vector<bool>(4), three{});
  expect(std::vector<mixed>(3), std::vector<mixed>(4), three{});
  expect(std::vector<nothing>(3), std::vector<nothing>(4), three{});
}

template <class T>
void expect_every_cut_to_be_refused(std::span<const std::byte> whole) {
  for (std::size_t cut = 0; cut < whole.size(); ++cut) {
    // A block of its own, so that a sanitizer sees a read past the end.
    const std::vector<std::byte> part(whole.begin(),
                                      whole.begin() + static_cast<std::ptrdiff_t>(cut));
    EXPECT_EQ(xdr::from_bytes<T>(part).error(), errc::truncated) << "after " << cut;
  }
}

TEST(SecA4, AValueCutAtAnyByteIsTruncated) {
  expect_every_cut_to_be_refused<everything>(xdr::to_bytes(shapes::sample()).value());
  calc::entry entry{"label", {1, 2, 3}, calc::entry{"next", {}, {}}};
  expect_every_cut_to_be_refused<calc::entry>(xdr::to_bytes(entry).value());
  expect_every_cut_to_be_refused<mixed>(xdr::to_bytes(sample_mixed()).value());
}

// The most memory for the fewest bytes: everything empty, absent or void.
template <class T>
void expect_memory_to_be_bounded(const T& value) {
  const auto bytes = xdr::to_bytes(value).value();
  const std::uint64_t ceiling = 16 * bytes.size() + (64 << 10);
  const allocation_meter meter;
  {
    const auto decoded = xdr::from_bytes<T>(bytes);
  }
  EXPECT_LE(meter.peak(), ceiling) << bytes.size() << " bytes on the wire";
  EXPECT_EQ(meter.left(), 0U);
}

TEST(SecA5, MemoryIsAtMostSixteenTimesTheMessageAnd64KiB) {
  constexpr std::size_t many = 100'000;
  expect_memory_to_be_bounded(std::vector<std::string>(many));
  expect_memory_to_be_bounded(std::vector<std::string>(many, std::string(16, 'x')));
  expect_memory_to_be_bounded(std::vector<std::vector<std::uint32_t>>(many));
  expect_memory_to_be_bounded(std::vector<xdr::optional_data<node>>(many));
  expect_memory_to_be_bounded(std::vector<xdr::optional_data<bool>>(many, true));
  std::vector<status> voids(many);
  for (status& s : voids) s.xdr_select(1);
  expect_memory_to_be_bounded(voids);
  xdr::optional_data<node> list;
  for (std::size_t i = 0; i < many; ++i) list = node{0, std::move(list)};
  expect_memory_to_be_bounded(list);
}

TEST(SecA5, TheBudgetIsAskedBeforeTheAllocation) {
  const auto bytes = xdr::to_bytes(std::vector<std::string>(100)).value();
  const allocation_meter meter;
  EXPECT_EQ((xdr::from_bytes<std::vector<std::string>>(bytes, {.budget = 100}).error()),
            errc::budget_exceeded);
  EXPECT_EQ(meter.peak(), 0U);
  EXPECT_TRUE((xdr::from_bytes<std::vector<std::string>>(bytes, {.budget = 100 * 32})));
}

TEST(SecA6, NothingIsLeftBehindByMessagesThatFail) {
  const auto good = xdr::to_bytes(shapes::sample()).value();
  const allocation_meter meter;
  {
    std::mt19937 random{6};
    everything reused;
    for (int round = 0; round < 50'000; ++round) {
      std::vector<std::byte> bad(good.begin(), good.end());
      for (int flips = 0; flips < 3; ++flips) bad[random() % bad.size()] = std::byte(random());
      bad.resize(random() % (bad.size() + 1));
      xdr::reader in{bad};
      xdr::decode(in, reused);
      if (round % 100 == 0) reused = {};
    }
  }
  EXPECT_EQ(meter.left(), 0U);
}

TEST(SecA7, ElementsWithoutBytesArePaidFor) {
  EXPECT_TRUE(xdr::from_bytes<std::vector<nothing>>(bytes_of("00010000")));
  for (const auto* count : {"00100000", "7fffffff", "ffffffff"}) {
    EXPECT_EQ(xdr::from_bytes<std::vector<nothing>>(bytes_of(count)).error(),
              errc::budget_exceeded);
    EXPECT_EQ(xdr::from_bytes<xdr::view_array<nothing>>(bytes_of(count)).error(),
              errc::budget_exceeded);
    using empties = std::vector<std::array<std::byte, 0>>;
    EXPECT_EQ(xdr::from_bytes<empties>(bytes_of(count)).error(), errc::budget_exceeded);
  }
  // One budget for the message: two arrays may not spend it twice.
  using two = std::vector<std::vector<nothing>>;
  EXPECT_EQ(xdr::from_bytes<two>(bytes_of("00000002 0000f000 0000f000")).error(),
            errc::budget_exceeded);
}

}  // namespace
