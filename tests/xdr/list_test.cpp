// Lists of a million nodes on a small stack, and how deep everything else may be nested.
#include <gtest/gtest.h>
#include <pthread.h>

#include <functional>
#include <tryst/xdr/borrowed.hpp>
#include <tryst/xdr/codec.hpp>
#include <tryst/xdr/print.hpp>

#include "xdr/shapes.hpp"
#include "xdr/view_sample.hpp"

namespace {

using namespace shapes;
using tryst::errc;
namespace xdr = tryst::xdr;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define TRYST_TEST_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define TRYST_TEST_SANITIZED 1
#endif
#endif

// Sanitizers put redzones into every frame and their own start-up into every thread.
#ifdef TRYST_TEST_SANITIZED
constexpr std::size_t small_stack = 512 * 1024;
#else
constexpr std::size_t small_stack = 64 * 1024;
#endif

void run_on_a_small_stack(std::function<void()> body) {
  pthread_attr_t attributes;
  ASSERT_EQ(pthread_attr_init(&attributes), 0);
  ASSERT_EQ(pthread_attr_setstacksize(&attributes, small_stack), 0);
  pthread_t thread;
  const auto run = [](void* argument) -> void* {
    (*static_cast<std::function<void()>*>(argument))();
    return nullptr;
  };
  ASSERT_EQ(pthread_create(&thread, &attributes, run, &body), 0);
  pthread_join(thread, nullptr);
  pthread_attr_destroy(&attributes);
}

constexpr std::uint32_t million = 1'000'000;

node_list list_of(std::uint32_t nodes) {
  node_list list;
  for (std::uint32_t i = nodes; i > 0; --i) list = node{i, std::move(list)};
  return list;
}

TEST(SecA8, AMillionNodesNeedNoMoreStackThanTwo) {
  run_on_a_small_stack([] {
    node_list list = list_of(million);
    EXPECT_EQ(xdr::encoded_size(list), 8ULL * million + 4);
    auto bytes = xdr::to_bytes(list);
    ASSERT_TRUE(bytes);
    auto back = xdr::from_bytes<node_list>(*bytes);
    ASSERT_TRUE(back) << back.error().message();
    EXPECT_TRUE(*back == list);
    node_list copy = list;
    EXPECT_TRUE(copy == list);
    copy->next->next->id = 0;
    EXPECT_FALSE(copy == list);
    copy = *back;
    EXPECT_TRUE(copy == list);
    node first = *list;
    EXPECT_TRUE(first == *list);
    EXPECT_GT(xdr::to_text(list).size(), 7U * million);
    list.reset();
    xdr::reader in{*bytes};
    xdr::decode(in, copy);
    EXPECT_TRUE(in.ok() && copy == *back);
  });
}

TEST(Pitfall34, AMillionNodesAreCheckedAndCopiedOutInPlace) {
  run_on_a_small_stack([] {
    xdr::optional_data<sample::item> list;
    for (std::uint32_t i = 0; i < million; ++i) list = sample::item{"", {}, std::move(list)};
    const auto bytes = xdr::to_bytes(list).value();
    const auto view = xdr::from_bytes<xdr::view_list<sample::view::item>>(bytes);
    ASSERT_TRUE(view) << view.error().message();
    EXPECT_EQ(std::ranges::distance(*view), std::ptrdiff_t{million});
    EXPECT_TRUE(xdr::to_owned(*view) == list);
    EXPECT_EQ(xdr::to_bytes(*view)->size(), bytes.size());
  });
}

xdr::optional_data<tree> tree_of(std::uint32_t levels) {
  xdr::optional_data<tree> root;
  for (std::uint32_t i = 0; i < levels; ++i) root = tree{std::move(root), i};
  return root;
}

// What a peer would send; no value that deep need exist to write it.
std::vector<std::byte> nested_bytes(std::uint32_t levels) {
  std::vector<std::byte> bytes(8 * levels + 4);
  for (std::uint32_t i = 0; i < levels; ++i) xdr::store_big(bytes.data() + 4 * i, std::uint32_t{1});
  return bytes;
}

TEST(SecA8, NestingIsLimitedTo64LevelsByDefault) {
  using root = xdr::optional_data<tree>;
  EXPECT_EQ(xdr::from_bytes<root>(xdr::to_bytes(tree_of(64)).value()), tree_of(64));
  EXPECT_EQ(xdr::from_bytes<root>(nested_bytes(65)).error(), errc::too_deep);
  EXPECT_EQ(xdr::from_bytes<root>(nested_bytes(million)).error(), errc::too_deep);
  EXPECT_TRUE(xdr::from_bytes<root>(nested_bytes(100), {.max_depth = 100}));
  EXPECT_EQ(xdr::from_bytes<root>(nested_bytes(2), {.max_depth = 1}).error(), errc::too_deep);
}

TEST(SecA8, ViewsAreLimitedInDepthToo) {
  using root = xdr::view_optional<sample::view::tree>;
  sample::tree value;
  for (int i = 0; i < 63; ++i) value = sample::tree{"", std::move(value), {}, 0};
  const xdr::optional_data<sample::tree> fits{value};
  EXPECT_TRUE(xdr::from_bytes<root>(xdr::to_bytes(fits).value()));
  const xdr::optional_data<sample::tree> deeper{sample::tree{"", std::move(value), {}, 0}};
  EXPECT_EQ(xdr::from_bytes<root>(xdr::to_bytes(deeper).value()).error(), errc::too_deep);
}

TEST(OptionalData, TakesAPartOfItself) {
  node_list list = list_of(3);
  list = std::move(list->next);
  EXPECT_EQ(list, (node_list{node{2, node{3, {}}}}));
  list = node_list{list->next};
  EXPECT_EQ(list, node_list{(node{3, {}})});
}

TEST(OptionalData, IsAValue) {
  xdr::optional_data<std::string> a{std::string{"a"}};
  xdr::optional_data<std::string> b = a;
  EXPECT_EQ(a, b);
  b.emplace("b");
  EXPECT_NE(a, b);
  b = std::move(a);
  EXPECT_EQ(*b, "a");
  EXPECT_FALSE(a);
  b.reset();
  EXPECT_EQ(a, b);
}

}  // namespace
