// Arguments and results as bytes: what client and service edges do to the types of a procedure.
#pragma once

#include <expected>
#include <span>
#include <tryst/error.hpp>
#include <tryst/rpc/failure.hpp>
#include <tryst/xdr/codec.hpp>
#include <tryst/xdr/wire_bounds.hpp>
#include <tuple>
#include <type_traits>
#include <utility>

namespace tryst::rpc::detail {

/// The description of the argument at Index: plain when the procedure describes none.
template <class Descriptions, std::size_t Index>
struct description_at {
  using type = std::tuple_element_t<Index, Descriptions>;
};
template <std::size_t Index>
struct description_at<std::tuple<>, Index> {
  using type = xdr::plain;
};
template <class Descriptions, std::size_t Index>
using description_at_t = typename description_at<Descriptions, Index>::type;

/// Calls visit.template operator()<Description>(argument) for each argument.
template <class Descriptions, class Tuple, class Visit>
void for_each_argument(Tuple&& arguments, Visit&& visit) {
  [&]<std::size_t... Index>(std::index_sequence<Index...>) {
    (visit.template operator()<description_at_t<Descriptions, Index>>(std::get<Index>(arguments)),
     ...);
  }(std::make_index_sequence<std::tuple_size_v<std::remove_cvref_t<Tuple>>>{});
}

template <class Descriptions, class Tuple>
void encode_tuple(xdr::writer& w, const Tuple& arguments) {
  for_each_argument<Descriptions>(arguments, [&w]<class Description>(const auto& value) {
    xdr::encode<Description>(w, value);
  });
}

template <class Descriptions, class Tuple>
void decode_tuple(xdr::reader& in, Tuple& arguments) {
  for_each_argument<Descriptions>(
      arguments, [&in]<class Description>(auto& value) { xdr::decode<Description>(in, value); });
}

template <class Descriptions, class Tuple>
std::uint64_t size_of_tuple(const Tuple& arguments) {
  std::uint64_t size = 0;
  for_each_argument<Descriptions>(arguments, [&size]<class Description>(const auto& value) {
    size += xdr::encoded_size<Description>(value);
  });
  return size;
}

/// Whether a value may hold so many bytes that referring to them beats copying.
template <class T, class Description>
inline constexpr bool may_be_large_value =
    xdr::wire_bounds<T, Description>::max >= xdr::gather_threshold;

template <class Descriptions, class Tuple>
inline constexpr bool may_be_large = []<std::size_t... Index>(std::index_sequence<Index...>) {
  return (may_be_large_value<std::tuple_element_t<Index, Tuple>,
                             description_at_t<Descriptions, Index>> ||
          ...);
}(std::make_index_sequence<std::tuple_size_v<Tuple>>{});

/// Decodes a result; trailing bytes of a reply are let pass (old servers pad their replies).
template <class P>
void decode_result(std::span<const std::byte> bytes,
                   std::expected<typename P::result, failure>& out) {
  xdr::reader in{bytes};
  out.emplace();
  xdr::decode<typename P::result_description>(in, *out);
  if (!in.ok()) out = std::unexpected{failure{errc::result_invalid}};
}

}  // namespace tryst::rpc::detail
