// Values as text for people: traces, logs, test failures.
//
//   {label: "a", numbers: [1, 2], next: [{label: "b", numbers: []}]}
//
// Enums by name, opaque data as hex, strings quoted; whatever a peer may have put into a string,
// the text holds printable ASCII only. Lists are arrays of their nodes. It is for reading, not for
// parsing: json.hpp is for that.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <ranges>
#include <span>
#include <string>
#include <string_view>
#include <tryst/xdr/codec.hpp>
#include <tryst/xdr/codec_view.hpp>
#include <tryst/xdr/enum_names.hpp>

namespace tryst::xdr {

struct text_options {
  bool multi_line = false;     ///< a member or element a line, indented by two spaces a level
  std::size_t max_length = 0;  ///< characters at most, the last three "..."; 0: no limit
};

/// Collects the text. After the limit nothing more is added.
class text_builder {
public:
  explicit text_builder(const text_options& options) : options_{options} {}

  /// True when the limit has been reached: whoever walks over something long may stop.
  bool full() const noexcept { return full_; }
  void append(std::string_view text);
  void number(std::int64_t value);
  void number(std::uint64_t value);
  void number(double value);
  void number(float value);
  void quoted(std::string_view text);
  void hex(std::span<const std::byte> bytes);
  /// A struct or an array: open, then item() in front of each part, then close.
  void open(char bracket);
  void item();
  void close(char bracket);
  std::string take() && { return std::move(text_); }

private:
  void new_line();

  text_options options_;
  std::string text_;
  std::size_t level_ = 0;
  bool first_ = true;
  bool full_ = false;
};

namespace detail {

template <class T>
void print(text_builder& out, const T& value);

template <class T>
concept text_like = std::same_as<T, std::string> || std::same_as<T, std::string_view>;
template <class T>
concept bytes_like = opaque_array<T> || std::same_as<T, std::vector<std::byte>> ||
                     std::same_as<T, std::span<const std::byte>>;
template <class T>
concept optional_like = is_optional<T>;

/// The members of a struct; without the rest of the list when `node` is part of one that is
/// printed as an array.
template <class T>
void print_members(text_builder& out, const T& value, bool in_list) {
  out.open('{');
  T::xdr_fields(value, [&]<class M>(std::string_view name, const M& member, auto&&...) {
    if constexpr (can_be_tail<T, M>) {
      if (in_list && &member == &tail_of(value)) return;
    }
    if (out.full()) return;
    out.item();
    out.append(name);
    out.append(": ");
    print(out, member);
  });
  out.close('}');
}

template <class T>
void print_list(text_builder& out, const optional_data<T>& list) {
  out.open('[');
  for (const T* node = list.get(); node != nullptr && !out.full(); node = tail_of(*node).get()) {
    out.item();
    print_members(out, *node, true);
  }
  out.close(']');
}
template <class V>
void print_list(text_builder& out, const view_list<V>& list) {
  out.open('[');
  for (auto node = list.begin(); node != list.end() && !out.full(); ++node) {
    out.item();
    print_members(out, *node, true);
  }
  out.close(']');
}

template <class T>
void print_range(text_builder& out, const T& range) {
  out.open('[');
  for (const auto& element : range) {
    if (out.full()) break;
    out.item();
    print<std::ranges::range_value_t<T>>(out, element);
  }
  out.close(']');
}

template <class T>
void print_union(text_builder& out, const T& value) {
  out.open('{');
  out.item();
  out.append(T::xdr_discriminant_name);
  out.append(": ");
  print(out, value.xdr_which());
  T::xdr_arm(value, [&](std::string_view name, const auto& arm, auto&&...) {
    out.item();
    out.append(name);
    out.append(": ");
    print(out, arm);
  });
  out.close('}');
}

template <enum_like E>
void print_enum(text_builder& out, E value) {
  const std::string_view name = enum_name(value);
  if (name.empty())
    out.number(std::int64_t{static_cast<std::int32_t>(value)});
  else
    out.append(name);
}

/// A type of the user's own prints as custom<T>::text says, or as its bytes on the wire.
template <customized T>
void print_custom(text_builder& out, const T& value) {
  if constexpr (requires { custom<T>::text(value); }) {
    out.append(custom<T>::text(value));
  } else {
    byte_buffer bytes;
    writer writing{bytes};
    custom<T>::encode(writing, value);
    out.hex(bytes);
  }
}

template <class T>
inline constexpr bool is_list = is_list_view<T>;
template <list_node T>
inline constexpr bool is_list<optional_data<T>> = true;

template <class T>
void print(text_builder& out, const T& value) {
  if constexpr (customized<T>)
    print_custom(out, value);
  else if constexpr (std::same_as<T, bool>)
    out.append(value ? "true" : "false");
  else if constexpr (std::floating_point<T>)
    out.number(value);
  else if constexpr (std::signed_integral<T>)
    out.number(std::int64_t{value});
  else if constexpr (std::unsigned_integral<T>)
    out.number(std::uint64_t{value});
  else if constexpr (enum_like<T>)
    print_enum(out, value);
  else if constexpr (std::same_as<T, quadruple>)
    out.hex(value.bytes);
  else if constexpr (text_like<T>)
    out.quoted(value);
  else if constexpr (bytes_like<T>)
    out.hex(value);
  else if constexpr (is_list<T>)
    print_list(out, value);
  else if constexpr (optional_like<T>)
    value ? print(out, *value) : out.append("null");
  else if constexpr (is_indirect<T>)
    value.get() != nullptr ? print(out, *value) : out.append("null");
  else if constexpr (struct_like<T>)
    print_members(out, value, false);
  else if constexpr (union_like<T>)
    print_union(out, value);
  else
    print_range(out, value);
}

}  // namespace detail

/// The value as text. Nested as deep as the value is, but for lists, which are printed in a loop.
template <class T>
std::string to_text(const T& value, const text_options& options = {}) {
  text_builder out{options};
  detail::print(out, value);
  return std::move(out).take();
}

}  // namespace tryst::xdr
