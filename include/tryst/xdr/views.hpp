// What a message holds, in place: arrays, lists and optional data whose elements are decoded when
// they are looked at.
//
// All of it was checked when the message was decoded, so looking cannot fail. A walk over an array
// whose elements hold arrays themselves passes over those again at each step: copy out, with
// to_owned(), what is walked over often. Everything is valid as long as the bytes are; generated
// views are handed out inside borrowed<>, which keeps them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <limits>
#include <span>
#include <tryst/xdr/number_view.hpp>
#include <tryst/xdr/reader.hpp>
#include <tryst/xdr/wire_bounds.hpp>

namespace tryst::xdr {

template <class T, class Desc>
struct codec;

namespace detail {

/// A reader for what has been checked before: it refuses nothing.
inline reader trusting_reader(std::span<const std::byte> bytes) {
  constexpr auto all = std::numeric_limits<std::uint32_t>::max();
  return reader{bytes, {.lenient = true, .max_depth = all, .budget = endless}};
}

/// Holds a value for the length of an expression, so that `x->member` can be written.
template <class V>
class arrow {
public:
  explicit arrow(V value) : value_{std::move(value)} {}
  const V* operator->() const noexcept { return &value_; }

private:
  V value_;
};

}  // namespace detail

/// The elements of a T<>, in place: a forward range of V by value.
template <class V>
class view_array {
public:
  using value_type = V;

  class iterator {
  public:
    using value_type = V;
    using difference_type = std::ptrdiff_t;
    using reference = V;
    using pointer = detail::arrow<V>;
    using iterator_category = std::input_iterator_tag;
    using iterator_concept = std::forward_iterator_tag;

    iterator() = default;
    V operator*() const { return value_; }
    pointer operator->() const { return pointer{value_}; }
    iterator& operator++() {
      --left_;
      load();
      return *this;
    }
    iterator operator++(int) {
      iterator before = *this;
      ++*this;
      return before;
    }
    friend bool operator==(const iterator& a, const iterator& b) { return a.left_ == b.left_; }

  private:
    friend view_array;
    iterator(std::span<const std::byte> bytes, std::size_t left) : bytes_{bytes}, left_{left} {
      load();
    }
    void load() {
      if (left_ == 0) return;
      reader in = detail::trusting_reader(bytes_);
      value_ = V{};
      const std::byte* next = codec<V, plain>::get(bytes_.data(), in, value_);
      bytes_ = bytes_.subspan(static_cast<std::size_t>(next - bytes_.data()));
    }

    V value_{};
    std::span<const std::byte> bytes_;
    std::size_t left_ = 0;
  };

  view_array() = default;
  /// The `count` elements that `bytes` are made of. REQUIRES: they have been checked.
  view_array(std::span<const std::byte> bytes, std::size_t count) : bytes_{bytes}, count_{count} {}

  std::size_t size() const noexcept { return count_; }
  bool empty() const noexcept { return count_ == 0; }
  iterator begin() const { return {bytes_, count_}; }
  iterator end() const { return {}; }
  /// The first element. REQUIRES: not empty.
  V front() const { return *begin(); }
  /// An element of an array whose elements are all of one size. REQUIRES: i < size().
  V operator[](std::size_t i) const
    requires(detail::extent_of<V, plain>.fixed)
  {
    constexpr std::size_t step = detail::extent_of<V, plain>.min;
    return *iterator{bytes_.subspan(i * step), 1};
  }

private:
  std::span<const std::byte> bytes_;
  std::size_t count_ = 0;
};

/// A list, in place: a forward range of the views of its nodes, by value. The last member of such a
/// view is the list behind it.
template <class V>
class view_list {
public:
  using value_type = V;
  class iterator;

  view_list() = default;
  /// The list whose first word, the bool of the first node, is where `bytes` begin; they may go on
  /// behind the list. REQUIRES: it has been checked.
  explicit view_list(std::span<const std::byte> bytes) : bytes_{bytes} {}

  bool empty() const noexcept {
    return bytes_.empty() || load_big<std::uint32_t>(bytes_.data()) == 0;
  }
  explicit operator bool() const noexcept { return !empty(); }
  iterator begin() const { return iterator{bytes_}; }
  iterator end() const { return {}; }
  /// The first node. REQUIRES: not empty.
  V front() const { return *begin(); }
  V operator*() const { return front(); }
  detail::arrow<V> operator->() const { return detail::arrow<V>{front()}; }

private:
  std::span<const std::byte> bytes_;
};

template <class V>
class view_list<V>::iterator {
public:
  using value_type = V;
  using difference_type = std::ptrdiff_t;
  using reference = V;
  using pointer = detail::arrow<V>;
  using iterator_category = std::input_iterator_tag;
  using iterator_concept = std::forward_iterator_tag;

  iterator() = default;
  V operator*() const { return value_; }
  pointer operator->() const { return pointer{value_}; }
  iterator& operator++() {
    load(detail::tail_of(value_).bytes_);
    return *this;
  }
  iterator operator++(int) {
    iterator before = *this;
    ++*this;
    return before;
  }
  friend bool operator==(const iterator& a, const iterator& b) { return a.at_ == b.at_; }

private:
  friend view_list;
  explicit iterator(std::span<const std::byte> bytes) { load(bytes); }
  void load(std::span<const std::byte> bytes) {
    if (view_list{bytes}.empty()) {
      at_ = nullptr;
      return;
    }
    at_ = bytes.data();
    reader in = detail::trusting_reader(bytes);
    value_ = V{};
    codec<V, plain>::get_node(at_ + 4, in, value_);
  }

  V value_{};
  const std::byte* at_ = nullptr;
};

/// T* in place: none, or a V that is decoded when it is looked at.
template <class V>
class view_optional {
public:
  using value_type = V;

  view_optional() = default;
  /// The value that `bytes` begin with. REQUIRES: it has been checked, and takes a byte at least.
  explicit view_optional(std::span<const std::byte> bytes) : bytes_{bytes} {}

  bool has_value() const noexcept { return bytes_.data() != nullptr; }
  explicit operator bool() const noexcept { return has_value(); }
  /// REQUIRES: there is one.
  V operator*() const {
    reader in = detail::trusting_reader(bytes_);
    V value{};
    codec<V, plain>::get(bytes_.data(), in, value);
    return value;
  }
  detail::arrow<V> operator->() const { return detail::arrow<V>{**this}; }

private:
  std::span<const std::byte> bytes_;
};

}  // namespace tryst::xdr
