// From JSON to an XDR value. The bounds of the .x hold here too. json.hpp says how each type looks.
#pragma once

#include <limits>
#include <string>
#include <tryst/json/write.hpp>

namespace tryst::json::detail {

template <class T, class Desc>
bool read(place& at, const value& from, T& to);

template <std::integral T>
bool read_integer(place& at, const value& from, T& to) {
  constexpr bool hyper = sizeof(T) == 8;
  if constexpr (std::is_signed_v<T>) {
    const auto number = to_signed(from, hyper);
    if (!number) return at.expected("an integer", from);
    to = static_cast<T>(*number);
    return to == *number || at.fail("out of range: " + from.dump());
  } else {
    const auto number = to_unsigned(from, hyper);
    if (!number) return at.expected("an integer that is not negative", from);
    to = static_cast<T>(*number);
    return to == *number || at.fail("out of range: " + from.dump());
  }
}

template <std::floating_point T>
bool read_real(place& at, const value& from, T& to) {
  const auto number = [&] {
    if constexpr (sizeof(T) == 8)
      return to_double(from);
    else
      return to_float(from);
  }();
  if (!number) return at.expected("a number, \"Infinity\", \"-Infinity\" or \"NaN(0x...)\"", from);
  to = *number;
  return true;
}

template <xdr::enum_like E>
bool read_enum(place& at, const value& from, E& to) {
  if (from.is_string()) {
    const auto found = xdr::enum_value<E>(from.get_ref<const std::string&>());
    if (!found) return at.fail("not a name of the enum: " + from.dump());
    to = *found;
    return true;
  }
  std::int32_t number = 0;
  if (!from.is_number_integer()) return at.expected("an enum's name or number", from);
  if (!read_integer(at, from, number)) return false;
  to = static_cast<E>(number);
  if (!xdr::open_enum<E> && !xdr::detail::declares<E>(number)) {
    return at.fail("not a number of the enum: " + from.dump());
  }
  return true;
}

inline bool within(place& at, std::size_t count, std::uint32_t max, std::string_view unit) {
  return count <= max || at.fail("at most " + std::to_string(max) + " " + std::string{unit} +
                                 " are allowed, not " + std::to_string(count));
}

template <class Desc>
bool read_text(place& at, const value& from, std::string& to) {
  auto text = to_text(from);
  if (!text) return at.expected("a string, or {\"bytes\": hex}", from);
  if (!within(at, text->size(), xdr::detail::bound_of<Desc>::max, "bytes")) return false;
  to = *std::move(text);
  return true;
}

template <class Desc, class T>
bool read_bytes(place& at, const value& from, T& to) {
  const byte_text how = at.how().bytes;
  const auto bytes = to_bytes(from, how);
  if (!bytes) return at.expected(how == byte_text::hex ? "hex digits" : "base64", from);
  if constexpr (xdr::detail::is_array<T>) {
    if (bytes->size() != to.size()) {
      return at.fail(std::to_string(to.size()) + " bytes are needed, not " +
                     std::to_string(bytes->size()));
    }
    std::copy(bytes->begin(), bytes->end(), to.begin());
  } else {
    if (!within(at, bytes->size(), xdr::detail::bound_of<Desc>::max, "bytes")) return false;
    to = *bytes;
  }
  return true;
}

template <class Desc, class T>
bool read_array(place& at, const value& from, T& to) {
  using element_type = typename T::value_type;
  if (!from.is_array()) return at.expected("an array", from);
  if constexpr (xdr::detail::is_array<T>) {
    if (from.size() != to.size()) {
      return at.fail(std::to_string(to.size()) + " elements are needed, not " +
                     std::to_string(from.size()));
    }
  } else {
    if (!within(at, from.size(), xdr::detail::bound_of<Desc>::max, "elements")) return false;
    to.clear();
    to.reserve(from.size());
  }
  for (std::size_t i = 0; i < from.size(); ++i) {
    const place::step down{at, i};
    element_type element{};
    if (!at.may_go_deeper() ||
        !read<element_type, xdr::detail::element_description<Desc>>(at, from[i], element)) {
      return false;
    }
    if constexpr (xdr::detail::is_array<T>)
      to[i] = std::move(element);
    else
      to.push_back(std::move(element));
  }
  return true;
}

/// Every member must be there, but for optional data, and nothing else.
template <class T>
bool read_struct(place& at, const value& from, T& to, bool in_list) {
  if (!from.is_object()) return at.expected("an object", from);
  std::size_t found = 0;
  T::xdr_fields(to, [&]<class M, class D = xdr::plain>(std::string_view name, M& member, D = {}) {
    if constexpr (xdr::detail::can_be_tail<T, M>) {
      if (in_list && &member == &xdr::detail::tail_of(to)) return;
    }
    if (at.failed()) return;
    const auto there = from.find(name);
    if (there == from.end()) {
      if constexpr (xdr::detail::is_optional<M>)
        member.reset();
      else
        at.fail("\"" + std::string{name} + "\" is missing");
      return;
    }
    ++found;
    const place::step down{at, name};
    read<M, D>(at, *there, member);
  });
  if (at.failed() || found == from.size()) return !at.failed();
  for (const auto& [key, unused] : from.items()) {
    bool known = false;
    T::xdr_fields(to, [&](std::string_view name, auto&&...) { known = known || name == key; });
    if (!known || in_list) return at.fail("there is no member \"" + key + "\"");
  }
  return true;
}

template <class T>
bool read_union(place& at, const value& from, T& to) {
  if (!from.is_object()) return at.expected("an object", from);
  const auto which = from.find(T::xdr_discriminant_name);
  if (which == from.end()) {
    return at.fail("\"" + std::string{T::xdr_discriminant_name} + "\" is missing");
  }
  typename T::xdr_discriminant selected{};
  {
    const place::step down{at, T::xdr_discriminant_name};
    if (!read<typename T::xdr_discriminant, xdr::plain>(at, *which, selected)) return false;
    if (!to.xdr_select(selected)) return at.fail("selects no arm: " + which->dump());
  }
  std::size_t expected = 1;
  T::xdr_arm(to, [&]<class M, class D = xdr::plain>(std::string_view name, M& arm, D = {}) {
    ++expected;
    const auto there = from.find(name);
    if (there == from.end()) {
      at.fail("\"" + std::string{name} + "\" is missing");
      return;
    }
    const place::step down{at, name};
    read<M, D>(at, *there, arm);
  });
  if (!at.failed() && from.size() != expected) at.fail("has members that the arm does not have");
  return !at.failed();
}

template <class Desc, class T>
bool read_optional(place& at, const value& from, xdr::optional_data<T>& to) {
  using description = xdr::detail::element_description<Desc>;
  to.reset();
  if (from.is_null() && !may_be_null<T>) return true;
  if constexpr (xdr::list_node<T>) {
    if (!from.is_array()) return at.expected("an array of the list's nodes", from);
    auto* end = &to;
    for (std::size_t i = 0; i < from.size(); ++i) {
      const place::step down{at, i};
      T& node = end->emplace();
      if (!read_struct(at, from[i], node, true)) return false;
      end = &xdr::detail::tail_of(node);
    }
    return true;
  } else if constexpr (may_be_null<T>) {
    if (!from.is_array() || from.size() > 1) return at.expected("an array of at most one", from);
    return from.empty() || (at.may_go_deeper() && read<T, description>(at, from[0], to.emplace()));
  } else {
    return at.may_go_deeper() && read<T, description>(at, from, to.emplace());
  }
}

template <class T>
bool read_custom(place& at, const value& from, T& to) {
  const auto bytes = to_bytes(from, at.how().bytes);
  if (!bytes) return at.expected("the bytes on the wire", from);
  xdr::reader in{*bytes};
  xdr::custom<T>::decode(in, to);
  if (in.ok() && in.remaining() != 0) in.fail(errc::trailing_bytes);
  return in.ok() || at.fail(in.error().message());
}

template <class T, class Desc>
bool read(place& at, const value& from, T& to) {
  if constexpr (xdr::detail::customized<T>) {
    return read_custom(at, from, to);
  } else if constexpr (std::same_as<T, bool>) {
    if (!from.is_boolean()) return at.expected("true or false", from);
    to = from.get<bool>();
    return true;
  } else if constexpr (std::floating_point<T>) {
    return read_real(at, from, to);
  } else if constexpr (std::integral<T>) {
    return read_integer(at, from, to);
  } else if constexpr (xdr::enum_like<T>) {
    return read_enum(at, from, to);
  } else if constexpr (std::same_as<T, xdr::quadruple>) {
    const auto bytes = to_bytes(from, byte_text::hex);
    if (!bytes || bytes->size() != 16) return at.expected("32 hex digits", from);
    std::copy(bytes->begin(), bytes->end(), to.bytes.begin());
    return true;
  } else if constexpr (std::same_as<T, std::string>) {
    return read_text<Desc>(at, from, to);
  } else if constexpr (bytes_like<T>) {
    return read_bytes<Desc>(at, from, to);
  } else if constexpr (xdr::detail::is_optional<T>) {
    return read_optional<Desc>(at, from, to);
  } else if constexpr (xdr::detail::is_indirect<T>) {
    return at.may_go_deeper() && read<typename T::value_type, Desc>(at, from, *to);
  } else if constexpr (xdr::struct_like<T>) {
    return read_struct(at, from, to, false);
  } else if constexpr (xdr::union_like<T>) {
    return read_union(at, from, to);
  } else {
    return read_array<Desc>(at, from, to);
  }
}

}  // namespace tryst::json::detail
