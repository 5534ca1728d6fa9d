// Numbers in place: a range over big-endian numbers in a message, swapped as they are read.
#pragma once

#include <compare>
#include <cstddef>
#include <iterator>
#include <tryst/xdr/byte_order.hpp>
#include <vector>

namespace tryst::xdr {

/// Walks over big-endian numbers, which need not be aligned. Reading yields a value, not a
/// reference.
template <class T>
class number_iterator {
public:
  using value_type = T;
  using difference_type = std::ptrdiff_t;
  using pointer = const T*;
  using reference = T;
  using iterator_category = std::random_access_iterator_tag;

  number_iterator() = default;
  explicit number_iterator(const std::byte* at) : at_{at} {}

  T operator*() const { return load_number<T>(at_); }
  T operator[](difference_type n) const { return *(*this + n); }
  number_iterator& operator++() { return *this += 1; }
  number_iterator& operator--() { return *this += -1; }
  number_iterator operator++(int) {
    const number_iterator before = *this;
    ++*this;
    return before;
  }
  number_iterator operator--(int) {
    const number_iterator before = *this;
    --*this;
    return before;
  }
  number_iterator& operator+=(difference_type n) {
    at_ += n * difference_type{sizeof(T)};
    return *this;
  }
  number_iterator& operator-=(difference_type n) { return *this += -n; }
  friend number_iterator operator+(number_iterator i, difference_type n) { return i += n; }
  friend number_iterator operator+(difference_type n, number_iterator i) { return i += n; }
  friend number_iterator operator-(number_iterator i, difference_type n) { return i -= n; }
  friend difference_type operator-(number_iterator a, number_iterator b) {
    return (a.at_ - b.at_) / difference_type{sizeof(T)};
  }
  auto operator<=>(const number_iterator&) const = default;

private:
  const std::byte* at_ = nullptr;
};

/// The numbers of a T<> (int, unsigned, hyper, unsigned hyper, float, double) in place. Valid as
/// long as the bytes are.
template <class T>
class number_view {
public:
  using value_type = T;
  using iterator = number_iterator<T>;

  number_view() = default;
  number_view(const std::byte* first, std::size_t count) : first_{first}, count_{count} {}

  std::size_t size() const noexcept { return count_; }
  bool empty() const noexcept { return count_ == 0; }
  iterator begin() const noexcept { return iterator{first_}; }
  iterator end() const noexcept { return iterator{first_ + count_ * sizeof(T)}; }
  /// REQUIRES: i < size().
  T operator[](std::size_t i) const noexcept { return load_number<T>(first_ + i * sizeof(T)); }
  /// The numbers as they are on the wire.
  const std::byte* data() const noexcept { return first_; }
  /// Copies all of them, at memory speed.
  void copy_to(std::vector<T>& numbers) const { assign_numbers(numbers, first_, count_); }

private:
  const std::byte* first_ = nullptr;
  std::size_t count_ = 0;
};

}  // namespace tryst::xdr
