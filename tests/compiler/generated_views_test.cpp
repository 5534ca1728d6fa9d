// Views of generated types: read where they were received.
#include <gtest/gtest.h>

#include <tryst/xdr/to_owned.hpp>

#include "compiler/golden/views.hpp"

namespace tryst::compiler {
namespace {

TEST(GeneratedView, ReadsWhatTheOwningTypeWrites) {
  views::message value;
  value.subject = "hello";
  value.numbers = {1, 2, 3};
  value.items.emplace().label = "first";
  value.items->next.emplace().label = "second";
  value.content.set_pairs({{1, 2}, {3, 4}});
  value.flags = {true, false};
  value.lines = {"a", "b"};
  const auto bytes = xdr::to_bytes(value);
  ASSERT_TRUE(bytes.has_value());
  const auto view = xdr::from_bytes<views::view::message>(*bytes);
  ASSERT_TRUE(view.has_value()) << view.error().message();
  EXPECT_EQ(view->subject, "hello");
  EXPECT_EQ(view->lines[1], "b");
  EXPECT_EQ(view->content.kind(), 1);
  EXPECT_NE(view->content.pairs(), nullptr);
}

}  // namespace
}  // namespace tryst::compiler
