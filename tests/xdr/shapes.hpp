// One of every kind of type that a .x can declare, described by hand, and values of them.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <tryst/xdr/codec.hpp>
#include <variant>
#include <vector>

namespace shapes {

using tryst::xdr::at_most;
using tryst::xdr::each;
using tryst::xdr::optional_data;

enum color : std::int32_t { RED = 0, GREEN = 1, BLUE = 2 };
template <class Visit>
constexpr void xdr_enumerators(tryst::xdr::type<color>, Visit&& visit) {
  visit("RED", RED);
  visit("GREEN", GREEN);
  visit("BLUE", BLUE);
}

// Gaps, negative numbers and two names for one number.
enum sparse : std::int32_t { NEG = -5, A = 7, ALSO_A = 7, B = 9, C = 100, D = 999, E = 2147483647 };
template <class Visit>
constexpr void xdr_enumerators(tryst::xdr::type<sparse>, Visit&& visit) {
  visit("NEG", NEG);
  visit("A", A);
  visit("ALSO_A", ALSO_A);
  visit("B", B);
  visit("C", C);
  visit("D", D);
  visit("E", E);
}

enum flavor : std::int32_t { NONE = 0, SYS = 1 };
template <class Visit>
constexpr void xdr_enumerators(tryst::xdr::type<flavor>, Visit&& visit) {
  visit("NONE", NONE);
  visit("SYS", SYS);
}
constexpr void xdr_open(tryst::xdr::type<flavor>) {}

struct nothing {
  bool operator==(const nothing&) const = default;
  template <class Self, class Visit>
  static constexpr void xdr_fields(Self&, Visit&&) {}
};

struct scalars {
  std::int8_t c{};
  std::uint8_t uc{};
  std::int16_t s{};
  std::uint16_t us{};
  std::int32_t i{};
  std::uint32_t u{};
  std::int64_t h{};
  std::uint64_t uh{};
  bool b{};
  color e{};
  float f{};
  double d{};
  tryst::xdr::quadruple q;
  std::array<std::byte, 5> key{};
  bool operator==(const scalars&) const = default;
  template <class Self, class Visit>
  static constexpr void xdr_fields(Self& self, Visit&& visit) {
    visit("c", self.c);
    visit("uc", self.uc);
    visit("s", self.s);
    visit("us", self.us);
    visit("i", self.i);
    visit("u", self.u);
    visit("h", self.h);
    visit("uh", self.uh);
    visit("b", self.b);
    visit("e", self.e);
    visit("f", self.f);
    visit("d", self.d);
    visit("q", self.q);
    visit("key", self.key);
  }
};

// Annotated: it is always decoded leniently.
struct sloppy {
  bool flag{};
  template <class Self, class Visit>
  static constexpr void xdr_fields(Self& self, Visit&& visit) {
    visit("flag", self.flag);
  }
};
constexpr void xdr_lenient(tryst::xdr::type<sloppy>) {}

// Fixed runs between members of variable size, and a nested struct in one of the runs.
struct mixed {
  std::uint32_t before{};
  std::string text;
  scalars middle;
  std::vector<std::byte> bytes;
  std::uint64_t after{};
  std::array<color, 2> colors{};
  bool operator==(const mixed&) const = default;
  template <class Self, class Visit>
  static constexpr void xdr_fields(Self& self, Visit&& visit) {
    visit("before", self.before);
    visit("text", self.text, at_most<12>{});
    visit("middle", self.middle);
    visit("bytes", self.bytes);
    visit("after", self.after);
    visit("colors", self.colors);
  }
};

struct node {
  std::uint32_t id{};
  optional_data<node> next;
  bool operator==(const node&) const = default;
  template <class Self, class Visit>
  static constexpr void xdr_fields(Self& self, Visit&& visit) {
    visit("id", self.id);
    visit("next", self.next);
  }
};
using node_list = optional_data<node>;

struct tree {
  optional_data<tree> left;
  std::uint32_t id{};
  bool operator==(const tree&) const = default;
  template <class Self, class Visit>
  static constexpr void xdr_fields(Self& self, Visit&& visit) {
    visit("left", self.left);
    visit("id", self.id);
  }
};

// union status switch (int s) { case 0: mixed ok; case 1: case 2: void; default: string why<20>; }
class status {
public:
  bool operator==(const status&) const = default;
  using xdr_discriminant = std::int32_t;
  static constexpr std::string_view xdr_discriminant_name = "s";
  std::int32_t xdr_which() const { return s_; }
  bool xdr_select(std::int32_t s) {
    s_ = s;
    switch (s) {
      case 0:
        arm_.emplace<0>();
        return true;
      case 1:
      case 2:
        arm_.emplace<1>();
        return true;
      default:
        arm_.emplace<2>();
        return true;
    }
  }
  template <class Self, class Visit>
  static constexpr void xdr_arm(Self& self, Visit&& visit) {
    switch (self.arm_.index()) {
      case 0:
        return visit("ok", *std::get_if<0>(&self.arm_));
      case 2:
        return visit("why", *std::get_if<2>(&self.arm_), at_most<20>{});
    }
  }
  template <class Visit>
  static constexpr void xdr_each_arm(Visit&& visit) {
    visit(tryst::xdr::type<mixed>{});
    visit(tryst::xdr::type<void>{});
    visit(tryst::xdr::type<std::string>{}, at_most<20>{});
  }
  std::variant<mixed, std::monostate, std::string>& arm() { return arm_; }

private:
  std::variant<mixed, std::monostate, std::string> arm_;
  std::int32_t s_ = 0;
};

// union maybe switch (color c) { case RED: unsigned u; case GREEN: void; } - and BLUE selects none
class maybe {
public:
  bool operator==(const maybe&) const = default;
  using xdr_discriminant = color;
  static constexpr std::string_view xdr_discriminant_name = "c";
  color xdr_which() const { return arm_.index() == 0 ? RED : GREEN; }
  bool xdr_select(color c) {
    switch (c) {
      case RED:
        arm_.emplace<0>();
        return true;
      case GREEN:
        arm_.emplace<1>();
        return true;
      default:
        return false;
    }
  }
  template <class Self, class Visit>
  static constexpr void xdr_arm(Self& self, Visit&& visit) {
    if (self.arm_.index() == 0) visit("u", *std::get_if<0>(&self.arm_));
  }
  template <class Visit>
  static constexpr void xdr_each_arm(Visit&& visit) {
    visit(tryst::xdr::type<std::uint32_t>{});
    visit(tryst::xdr::type<void>{});
  }

private:
  std::variant<std::uint32_t, std::monostate> arm_;
};

inline mixed sample_mixed() {
  mixed m;
  m.before = 1;
  m.text = "some text";
  m.middle = {-1, 200, -300, 60000, -5, 5, -6, 6, true, BLUE, 1.5F, -2.5, {}, {}};
  m.middle.q.bytes[0] = std::byte{0x3f};
  m.middle.key = {std::byte{1}, std::byte{2}, std::byte{3}, std::byte{4}, std::byte{5}};
  m.bytes = {std::byte{7}, std::byte{8}};
  m.after = 9;
  m.colors = {GREEN, BLUE};
  return m;
}

}  // namespace shapes
