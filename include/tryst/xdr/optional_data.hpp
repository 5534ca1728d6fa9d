// Optional data (RFC 4506 §4.19), `T *x` in a .x: none or one T, owned, with the meaning of a
// value.
//
// A chain of them through a struct's last member is a list. Its copy, comparison and destruction
// are loops: a list of a million nodes needs no more stack than one of two.
#pragma once

#include <cstddef>
#include <memory>
#include <tryst/xdr/fields.hpp>
#include <utility>

namespace tryst::xdr {

/// None or one T. T may be incomplete where the member is declared, so T may contain it.
template <class T>
class optional_data {
public:
  using value_type = T;

  optional_data() = default;
  optional_data(std::nullptr_t) noexcept {}
  optional_data(T value) : value_{new T(std::move(value))} {}
  optional_data(const optional_data& other) { copy(other); }
  optional_data(optional_data&& other) noexcept : value_{std::exchange(other.value_, nullptr)} {}
  optional_data& operator=(const optional_data& other) {
    if (this == &other) return *this;
    optional_data copied{other};
    std::swap(value_, copied.value_);
    return *this;
  }
  /// Safe when `other` is part of what this one owns, as in `head = std::move(head->next)`.
  optional_data& operator=(optional_data&& other) noexcept {
    optional_data taken{std::move(other)};
    std::swap(value_, taken.value_);
    return *this;
  }
  ~optional_data() { destroy(); }

  explicit operator bool() const noexcept { return value_ != nullptr; }
  bool has_value() const noexcept { return value_ != nullptr; }
  /// The value. REQUIRES: there is one.
  T& operator*() noexcept { return *value_; }
  const T& operator*() const noexcept { return *value_; }
  T* operator->() noexcept { return value_; }
  const T* operator->() const noexcept { return value_; }
  /// The value's address, or null.
  T* get() noexcept { return value_; }
  const T* get() const noexcept { return value_; }

  /// Replaces what is there by a T made of the arguments.
  template <class... Arguments>
  T& emplace(Arguments&&... arguments) {
    T* fresh = new T(std::forward<Arguments>(arguments)...);
    reset();
    value_ = fresh;
    return *value_;
  }
  void reset() noexcept {
    destroy();
    value_ = nullptr;
  }

  friend bool operator==(const optional_data& a, const optional_data& b) { return a.equals(b); }

private:
  void destroy() noexcept {
    if constexpr (list_node<T>) {
      // Each node is cut off from the rest before it goes.
      while (value_ != nullptr) {
        T* node = value_;
        value_ = std::exchange(detail::tail_of(*node).value_, nullptr);
        delete node;
      }
    } else {
      delete value_;
    }
  }

  void copy(const optional_data& other) {
    if constexpr (list_node<T>) {
      optional_data copied;
      optional_data* end = &copied;
      for (const T* from = other.value_; from != nullptr; from = detail::tail_of(*from).value_) {
        T& to = end->emplace();
        detail::pairwise(to, *from, detail::member_count<T> - 1,
                         [](auto& member, const auto& original) { member = original; });
        end = &detail::tail_of(to);
      }
      std::swap(value_, copied.value_);
    } else if (other.value_ != nullptr) {
      value_ = new T(*other.value_);
    }
  }

  bool equals(const optional_data& other) const {
    if constexpr (list_node<T>) {
      const T* a = value_;
      const T* b = other.value_;
      for (; a != nullptr && b != nullptr;
           a = detail::tail_of(*a).value_, b = detail::tail_of(*b).value_) {
        bool same = true;
        detail::pairwise(*a, *b, detail::member_count<T> - 1,
                         [&](const auto& x, const auto& y) { same = same && x == y; });
        if (!same) return false;
      }
      return a == b;
    } else {
      return value_ == nullptr || other.value_ == nullptr ? value_ == other.value_
                                                          : *value_ == *other.value_;
    }
  }

  T* value_ = nullptr;
};

}  // namespace tryst::xdr
