// The codecs of what has parts: structs and unions (RFC 4506 §4.14, §4.15), and lists.
//
// A struct asks once for each run of members whose sizes are known at compile time. The code of a
// struct or union is in composite_codec<T>, which a generated .cpp can instantiate once:
//   in the header   extern template struct tryst::xdr::composite_codec<calc::pair>;
//   in the .cpp     template struct tryst::xdr::composite_codec<calc::pair>;
#pragma once

#include <tryst/xdr/codec_sequence.hpp>
#include <tryst/xdr/optional_data.hpp>

namespace tryst::xdr {

/// The code for one struct or union of a .x. The same contract as a codec's.
template <class T>
struct composite_codec {
  static std::byte* put(std::byte* at, writer& out, const T& value);
  static const std::byte* get(const std::byte* at, reader& in, T& value);
  static std::uint64_t size(const T& value);
};

namespace detail {

/// For each member the bytes that must be asked for before it: what its run needs, when a member
/// of variable size stands in front of it, and nothing otherwise. The first run is the caller's.
template <class T>
inline constexpr auto run_needs = [] {
  std::array<std::uint64_t, member_count<T> + 1> needs{};
  std::size_t i = 0;
  std::size_t run = 0;
  bool open = false;
  each_member<T>([&]<class M, class D>(type<M>, D) {
    if (open) {
      run = i;
      open = false;
    }
    needs[run] += extent_of<M, D>.min;
    open = !extent_of<M, D>.fixed;
    ++i;
  });
  needs[0] = 0;
  return needs;
}();

/// Visits the members of a T and writes each one, but for the tail of a list.
template <class T>
struct put_members {
  std::byte* at;
  writer& out;
  std::size_t index = 0;

  template <class M, class D = plain>
  [[gnu::always_inline]] void operator()(auto&&, const M& member, D = {}) {
    if (run_needs<T>[index] != 0) at = out.room(at, run_needs<T>[index]);
    ++index;
    if constexpr (can_be_tail<T, M>) {
      if (index == member_count<T>) return;
    }
    at = codec<M, D>::put(at, out, member);
  }
};

template <class T>
struct get_members {
  const std::byte* at;
  reader& in;
  std::size_t index = 0;

  template <class M, class D = plain>
  [[gnu::always_inline]] void operator()(auto&&, M& member, D = {}) {
    if (at == nullptr) return;
    if (run_needs<T>[index] != 0 && !in.has(at, run_needs<T>[index])) {
      at = in.refuse(errc::truncated);
      return;
    }
    ++index;
    if constexpr (can_be_tail<T, M>) {
      if (index == member_count<T>) return;
    }
    at = codec<M, D>::get(at, in, member);
  }
};

template <class T>
struct size_members {
  std::uint64_t sum = 0;
  std::size_t index = 0;

  template <class M, class D = plain>
  [[gnu::always_inline]] void operator()(auto&&, const M& member, D = {}) {
    ++index;
    if constexpr (can_be_tail<T, M>) {
      if (index == member_count<T>) return;
    }
    sum += codec<M, D>::size(member);
  }
};

template <class T>
[[gnu::always_inline]] inline std::byte* put_struct(std::byte* at, writer& out, const T& value) {
  put_members<T> visit{at, out};
  T::xdr_fields(value, visit);
  return visit.at;
}
template <class T>
[[gnu::always_inline]] inline const std::byte* get_struct(const std::byte* at, reader& in,
                                                          T& value) {
  get_members<T> visit{at, in};
  T::xdr_fields(value, visit);
  return visit.at;
}
template <class T>
[[gnu::always_inline]] inline std::uint64_t size_struct(const T& value) {
  size_members<T> visit;
  T::xdr_fields(value, visit);
  return visit.sum;
}

/// What a heap block costs beside what is in it, as far as the budget is concerned.
inline constexpr std::uint64_t block_overhead = 16;

template <class T>
std::byte* put_list(std::byte* at, writer& out, const T* node) {
  for (;;) {
    at = put_struct(at, out, *node);
    const T* next = tail_of(*node).get();
    store_big(at, std::uint32_t{next != nullptr});
    at += 4;
    if (next == nullptr) return at;
    at = out.room(at, extent_of<T, plain>.min);
    node = next;
  }
}
template <class T>
const std::byte* get_list(const std::byte* at, reader& in, T* node) {
  for (;;) {
    at = get_struct(at, in, *node);
    if (at == nullptr) return nullptr;
    auto& tail = tail_of(*node);
    bool more = false;
    at = codec<bool>::get(at, in, more);
    if (at == nullptr) return nullptr;
    if (!more) {
      tail.reset();
      return at;
    }
    if (!in.has(at, extent_of<T, plain>.min)) return in.refuse(errc::truncated);
    if (!in.charge(sizeof(T) + block_overhead)) return nullptr;
    node = tail ? tail.get() : &tail.emplace();
  }
}
template <class T>
std::uint64_t size_list(const T* node) {
  std::uint64_t sum = 0;
  for (; node != nullptr; node = tail_of(*node).get()) sum += 4 + size_struct(*node);
  return sum;
}

template <class T>
std::byte* put_union(std::byte* at, writer& out, const T& value) {
  at = codec<typename T::xdr_discriminant>::put(at, out, value.xdr_which());
  T::xdr_arm(value, [&]<class M, class D = plain>(auto&&, const M& arm, D = {}) {
    if constexpr (!arms_extent<T>.fixed) at = out.room(at, extent_of<M, D>.min);
    at = codec<M, D>::put(at, out, arm);
  });
  return at;
}
template <class T>
const std::byte* get_union(const std::byte* at, reader& in, T& value) {
  typename T::xdr_discriminant which{};
  at = codec<typename T::xdr_discriminant>::get(at, in, which);
  if (at == nullptr) return nullptr;
  if (!value.xdr_select(which)) return in.refuse(errc::union_invalid);
  T::xdr_arm(value, [&]<class M, class D = plain>(auto&&, M& arm, D = {}) {
    if constexpr (!arms_extent<T>.fixed) {
      if (!in.has(at, extent_of<M, D>.min)) {
        at = in.refuse(errc::truncated);
        return;
      }
    }
    at = codec<M, D>::get(at, in, arm);
  });
  return at;
}
template <class T>
std::uint64_t size_union(const T& value) {
  std::uint64_t sum = 4;
  T::xdr_arm(value, [&]<class M, class D = plain>(auto&&, const M& arm, D = {}) {
    sum += codec<M, D>::size(arm);
  });
  return sum;
}

template <class T>
concept composite = (struct_like<T> || union_like<T>) && !customized<T>;

/// A small struct of fixed size is a few loads and stores: it is put where it is used, so that its
/// cursor stays in a register and what it overwrites need not be cleared first.
template <class T>
concept straight_line = struct_like<T> && !lenient_type<T> && extent_of<T, plain>.fixed &&
                        extent_of<T, plain>.min <= 128;

}  // namespace detail

template <class T>
std::byte* composite_codec<T>::put(std::byte* at, writer& out, const T& value) {
  if constexpr (list_node<T>)
    return detail::put_list(at, out, &value);
  else if constexpr (struct_like<T>)
    return detail::put_struct(at, out, value);
  else
    return detail::put_union(at, out, value);
}

template <class T>
const std::byte* composite_codec<T>::get(const std::byte* at, reader& in, T& value) {
  const auto get = [&] {
    if constexpr (list_node<T>)
      return detail::get_list(at, in, &value);
    else if constexpr (struct_like<T>)
      return detail::get_struct(at, in, value);
    else
      return detail::get_union(at, in, value);
  };
  if constexpr (lenient_type<T>) {
    const bool before = in.lenient(true);
    at = get();
    in.lenient(before);
    return at;
  } else {
    return get();
  }
}

template <class T>
std::uint64_t composite_codec<T>::size(const T& value) {
  if constexpr (detail::extent_of<T, plain>.fixed)
    return detail::extent_of<T, plain>.min;
  else if constexpr (list_node<T>)
    return detail::size_list(&value);
  else if constexpr (struct_like<T>)
    return detail::size_struct(value);
  else
    return detail::size_union(value);
}

template <detail::composite T, class Desc>
struct codec<T, Desc> : composite_codec<T> {};

template <detail::composite T, class Desc>
  requires detail::straight_line<T>
struct codec<T, Desc> {
  [[gnu::always_inline]] static std::byte* put(std::byte* at, writer& out, const T& value) {
    return detail::put_struct(at, out, value);
  }
  [[gnu::always_inline]] static const std::byte* get(const std::byte* at, reader& in, T& value) {
    return detail::get_struct(at, in, value);
  }
  static std::uint64_t size(const T&) noexcept { return detail::extent_of<T, plain>.min; }
};

}  // namespace tryst::xdr
