#include "xdr/view_sample.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ranges>

namespace {

using testing::ElementsAre;
using tryst::errc;
namespace xdr = tryst::xdr;

sample::all everything() {
  sample::all a;
  a.points = {{1, 2}, {3, 4}};
  a.words = {"one", "", "three"};
  a.choices.resize(3);
  a.choices[0].set_text("text");
  a.choices[1].set_bytes({std::byte{1}, std::byte{2}});
  a.choices[2].set_nothing();
  a.items = sample::item{"first", {1, 2, 3}, sample::item{"second", {}, {}}};
  a.root =
      sample::tree{"root", sample::tree{"left", {}, sample::tree{"deep", {}, {}, 3}, 2}, {}, 1};
  a.both = {"ab", "cde"};
  a.flags = {true, false, true};
  a.key = {std::byte{9}, std::byte{8}};
  a.reals = {1.5, -0.0};
  return a;
}

// A message in a receive buffer of its own.
struct received {
  explicit received(const sample::all& value) : wire{xdr::to_bytes(value).value()} {
    buffer = xdr::buffer_ref::allocate(wire.size());
    std::copy_n(wire.data(), wire.size(), buffer.data());
  }
  std::span<const std::byte> bytes() const { return {buffer.data(), wire.size()}; }
  xdr::byte_buffer wire;
  xdr::buffer_ref buffer;
};

static_assert(std::ranges::random_access_range<xdr::number_view<double>>);
static_assert(std::ranges::forward_range<xdr::view_array<sample::view::item>>);
static_assert(std::ranges::forward_range<xdr::view_list<sample::view::item>>);

TEST(View, LooksIntoTheMessageAndOwnsNothing) {
  const received message{everything()};
  const auto seen = xdr::borrow<sample::view::all>(message.buffer, message.bytes());
  ASSERT_TRUE(seen) << seen.error().message();
  const sample::view::all& v = **seen;
  EXPECT_EQ(v.points[1], (sample::point{3, 4}));
  EXPECT_THAT(v.words, ElementsAre("one", "", "three"));
  const std::string_view word = v.words.front();
  const auto* at = reinterpret_cast<const std::byte*>(word.data());
  EXPECT_TRUE(at >= message.buffer.data() && at < message.buffer.data() + message.wire.size());
  EXPECT_EQ(*v.choices.begin()->text(), "text");
  std::vector<std::string_view> names;
  for (const auto& node : v.items) names.push_back(node.name);
  EXPECT_THAT(names, ElementsAre("first", "second"));
  EXPECT_THAT(v.items->numbers, ElementsAre(1, 2, 3));
  EXPECT_EQ(v.root->left->right->label, "deep");
  EXPECT_EQ(v.root->left->right->weight, 3);
  EXPECT_FALSE(v.root->right);
  EXPECT_TRUE(std::signbit(v.reals[1]));
}

TEST(View, BecomesTheOwningValue) {
  const sample::all value = everything();
  const received message{value};
  const auto seen = xdr::borrow<sample::view::all>(message.buffer, message.bytes());
  ASSERT_TRUE(seen) << seen.error().message();
  EXPECT_EQ(seen->to_owned(), value);
}

TEST(View, IsWrittenAsTheSameBytes) {
  const received message{everything()};
  const auto seen = xdr::borrow<sample::view::all>(message.buffer, message.bytes());
  ASSERT_TRUE(seen);
  EXPECT_EQ(xdr::encoded_size(**seen), message.wire.size());
  const auto again = xdr::to_bytes(**seen).value();
  EXPECT_TRUE(std::ranges::equal(again, message.bytes()));
}

TEST(View, RefusesWhatTheOwningTypeRefuses) {
  const received message{everything()};
  std::vector<std::byte> bytes(message.bytes().begin(), message.bytes().end());
  for (std::size_t cut = 0; cut < bytes.size(); ++cut) {
    const std::span<const std::byte> part{bytes.data(), cut};
    EXPECT_EQ(xdr::from_bytes<sample::view::all>(part).error(),
              xdr::from_bytes<sample::all>(part).error());
  }
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const std::byte before = std::exchange(bytes[i], bytes[i] ^ std::byte{0x55});
    const auto view = xdr::from_bytes<sample::view::all>(bytes);
    const auto owned = xdr::from_bytes<sample::all>(bytes);
    EXPECT_EQ(view.has_value(), owned.has_value()) << "byte " << i;
    bytes[i] = before;
  }
}

TEST(View, OutlivesTheReadThatBroughtItWhenBorrowed) {
  received message{everything()};
  auto seen = xdr::borrow<sample::view::all>(message.buffer, message.bytes());
  ASSERT_TRUE(seen);
  EXPECT_FALSE(message.buffer.unique());
  const auto kept = *seen;
  message.buffer = {};
  seen = std::unexpected{make_error_code(errc::closed)};
  EXPECT_TRUE(kept.buffer().unique());
  EXPECT_EQ(*kept->choices.begin()->text(), "text");
}

}  // namespace
