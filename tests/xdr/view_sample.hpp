// What tryst-gen makes of a .x that marks its types with `view`; see docs/idl.md.
#pragma once

#include <tryst/xdr/borrowed.hpp>
#include <tryst/xdr/codec.hpp>

namespace sample {

namespace view {
struct item;
class choice;
struct tree;
struct all;
}  // namespace view

struct point {
  std::int32_t x{};
  std::int32_t y{};
  bool operator==(const point&) const = default;
  template <class Self, class Visit>
  static constexpr void xdr_fields(Self& self, Visit&& visit) {
    visit("x", self.x);
    visit("y", self.y);
  }
};

struct item {
  std::string name;
  std::vector<std::uint32_t> numbers;
  tryst::xdr::optional_data<item> next;
  using xdr_view = view::item;
  bool operator==(const item&) const = default;
  template <class Self, class Visit>
  static constexpr void xdr_fields(Self& self, Visit&& visit) {
    visit("name", self.name, tryst::xdr::at_most<255>{});
    visit("numbers", self.numbers);
    visit("next", self.next);
  }
};

template <class Text, class Bytes>
class choice_of {
public:
  const Text* text() const { return std::get_if<0>(&arm_); }
  const Bytes* bytes() const { return std::get_if<1>(&arm_); }
  void set_text(Text v) { arm_.template emplace<0>(std::move(v)); }
  void set_bytes(Bytes v) { arm_.template emplace<1>(std::move(v)); }
  void set_nothing() { arm_.template emplace<2>(); }
  bool operator==(const choice_of&) const = default;

  using xdr_discriminant = std::int32_t;
  static constexpr std::string_view xdr_discriminant_name = "what";
  std::int32_t xdr_which() const { return static_cast<std::int32_t>(arm_.index()); }
  bool xdr_select(std::int32_t what) {
    switch (what) {
      case 0:
        arm_.template emplace<0>();
        return true;
      case 1:
        arm_.template emplace<1>();
        return true;
      case 2:
        arm_.template emplace<2>();
        return true;
    }
    return false;
  }
  template <class Self, class Visit>
  static constexpr void xdr_arm(Self& self, Visit&& visit) {
    switch (self.arm_.index()) {
      case 0:
        return visit("text", *std::get_if<0>(&self.arm_));
      case 1:
        return visit("bytes", *std::get_if<1>(&self.arm_), tryst::xdr::at_most<8>{});
    }
  }
  template <class Visit>
  static constexpr void xdr_each_arm(Visit&& visit) {
    visit(tryst::xdr::type<Text>{});
    visit(tryst::xdr::type<Bytes>{}, tryst::xdr::at_most<8>{});
    visit(tryst::xdr::type<void>{});
  }

private:
  std::variant<Text, Bytes, std::monostate> arm_;
};

class choice : public choice_of<std::string, std::vector<std::byte>> {
public:
  using xdr_view = view::choice;
};

struct tree {
  std::string label;
  tryst::xdr::optional_data<tree> left;
  tryst::xdr::optional_data<tree> right;
  std::int32_t weight{};
  using xdr_view = view::tree;
  bool operator==(const tree&) const = default;
  template <class Self, class Visit>
  static constexpr void xdr_fields(Self& self, Visit&& visit) {
    visit("label", self.label);
    visit("left", self.left);
    visit("right", self.right);
    visit("weight", self.weight);
  }
};

struct all {
  std::vector<point> points;
  std::vector<std::string> words;
  std::vector<choice> choices;
  tryst::xdr::optional_data<item> items;
  tryst::xdr::optional_data<tree> root;
  std::array<std::string, 2> both;
  std::vector<bool> flags;
  std::array<std::byte, 5> key{};
  std::vector<double> reals;
  using xdr_view = view::all;
  bool operator==(const all&) const = default;
  template <class Self, class Visit>
  static constexpr void xdr_fields(Self& self, Visit&& visit) {
    visit("points", self.points);
    visit("words", self.words, tryst::xdr::at_most<10, tryst::xdr::at_most<255>>{});
    visit("choices", self.choices);
    visit("items", self.items);
    visit("root", self.root);
    visit("both", self.both, tryst::xdr::each<tryst::xdr::at_most<5>>{});
    visit("flags", self.flags);
    visit("key", self.key);
    visit("reals", self.reals);
  }
};

namespace view {

struct item {
  std::string_view name;
  tryst::xdr::number_view<std::uint32_t> numbers;
  tryst::xdr::view_list<item> next;
  using xdr_owner = sample::item;
  template <class Self, class Visit>
  static constexpr void xdr_fields(Self& self, Visit&& visit) {
    visit("name", self.name, tryst::xdr::at_most<255>{});
    visit("numbers", self.numbers);
    visit("next", self.next);
  }
};

class choice : public choice_of<std::string_view, std::span<const std::byte>> {
public:
  using xdr_owner = sample::choice;
};

struct tree {
  std::string_view label;
  tryst::xdr::view_optional<tree> left;
  tryst::xdr::view_optional<tree> right;
  std::int32_t weight{};
  using xdr_owner = sample::tree;
  template <class Self, class Visit>
  static constexpr void xdr_fields(Self& self, Visit&& visit) {
    visit("label", self.label);
    visit("left", self.left);
    visit("right", self.right);
    visit("weight", self.weight);
  }
};

struct all {
  tryst::xdr::view_array<point> points;
  tryst::xdr::view_array<std::string_view> words;
  tryst::xdr::view_array<choice> choices;
  tryst::xdr::view_list<item> items;
  tryst::xdr::view_optional<tree> root;
  std::array<std::string_view, 2> both;
  tryst::xdr::view_array<bool> flags;
  std::array<std::byte, 5> key{};
  tryst::xdr::number_view<double> reals;
  using xdr_owner = sample::all;
  template <class Self, class Visit>
  static constexpr void xdr_fields(Self& self, Visit&& visit) {
    visit("points", self.points);
    visit("words", self.words, tryst::xdr::at_most<10, tryst::xdr::at_most<255>>{});
    visit("choices", self.choices);
    visit("items", self.items);
    visit("root", self.root);
    visit("both", self.both, tryst::xdr::each<tryst::xdr::at_most<5>>{});
    visit("flags", self.flags);
    visit("key", self.key);
    visit("reals", self.reals);
  }
};

}  // namespace view
}  // namespace sample
