// A T on the heap with the meaning of a value: an arm of a union that contains the union again.
//
// On the wire it is the T and nothing else. It says only where the T is, so that a union that
// contains itself by way of an arm has a size in memory.
#pragma once

#include <concepts>
#include <utility>

namespace tryst::xdr {

/// Exactly one T, owned. T may be incomplete where the arm is declared. What was moved away is
/// empty until it is assigned: it equals only another empty one, and it is not encoded.
template <class T>
class indirect {
public:
  using value_type = T;

  indirect() : value_{new T{}} {}
  // A template, so that T may be incomplete when copies are asked for.
  template <std::same_as<T> U = T>
  indirect(U value) : value_{new T(std::move(value))} {}
  indirect(const indirect& other) : value_{other.value_ == nullptr ? nullptr : new T(*other)} {}
  indirect(indirect&& other) noexcept : value_{std::exchange(other.value_, nullptr)} {}
  indirect& operator=(indirect other) noexcept {
    std::swap(value_, other.value_);
    return *this;
  }
  ~indirect() { delete value_; }

  /// The value. REQUIRES: it was not moved away.
  T& operator*() noexcept { return *value_; }
  const T& operator*() const noexcept { return *value_; }
  /// The value's address, or null when it was moved away.
  T* get() noexcept { return value_; }
  const T* get() const noexcept { return value_; }

  friend bool operator==(const indirect& a, const indirect& b) { return a.equals(b); }

private:
  bool equals(const indirect& other) const {
    return value_ == nullptr || other.value_ == nullptr ? value_ == other.value_
                                                        : *value_ == *other.value_;
  }

  T* value_ = nullptr;
};

namespace detail {

template <class T>
inline constexpr bool is_indirect = false;
template <class T>
inline constexpr bool is_indirect<indirect<T>> = true;

}  // namespace detail
}  // namespace tryst::xdr
