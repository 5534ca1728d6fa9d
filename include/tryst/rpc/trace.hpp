// Prints the calls of one interface, decoded, a line each: an observer for services.
//
//   CALC_V1.ADD({a: 2, b: 3}) = 5  [xid 7, 12 us]
//   CALC_V1.DIVIDE(1, 0, DOWN) failed: the server failed while it ran the procedure  [xid 8, 9 us]
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <tryst/rpc/observer.hpp>
#include <tryst/rpc/typed_coding.hpp>
#include <tryst/xdr/print.hpp>
#include <utility>

namespace tryst::rpc {

namespace detail {

/// The line's end: what became of the call, its xid and its time.
std::string trace_line(std::string_view interface, std::string_view procedure,
                       std::string_view arguments, std::string_view result,
                       const observed_call& call);

template <class P>
std::string arguments_text(std::span<const std::byte> bytes, const xdr::text_options& how) {
  typename P::arguments arguments;
  xdr::reader in{bytes};
  decode_tuple<typename P::argument_descriptions>(in, arguments);
  if (!in.ok()) return "undecodable";
  std::string text;
  for_each_argument<typename P::argument_descriptions>(arguments,
                                                       [&]<class Description>(const auto& value) {
                                                         if (!text.empty()) text += ", ";
                                                         text += xdr::to_text(value, how);
                                                       });
  return text;
}

template <class P>
std::string result_text(std::span<const std::byte> bytes, const xdr::text_options& how) {
  if constexpr (std::is_void_v<typename P::result>) {
    return "void";
  } else {
    std::expected<typename P::result, failure> value = std::unexpected{failure{}};
    decode_result<P>(bytes, value);
    return value ? xdr::to_text(*value, how) : "undecodable";
  }
}

}  // namespace detail

/// Gives each line to a sink, on the thread that answered. Whatever a peer put into a string, the
/// line is printable ASCII.
template <class Interface>
class call_trace final : public call_observer {
public:
  using sink = std::function<void(std::string)>;

  explicit call_trace(sink to, xdr::text_options how = {.max_length = 200})
      : to_{std::move(to)}, how_{how} {}

  void ended(const observed_call& call) noexcept override {
    print(call, typename Interface::procedures{});
  }

private:
  template <class... P>
  void print(const observed_call& call, procedure_list<P...>) {
    if (!(print_if<P>(call) || ...)) {
      to_(detail::trace_line(Interface::name, std::to_string(call.procedure), "", "", call));
    }
  }

  template <class P>
  bool print_if(const observed_call& call) {
    if (P::number != call.procedure) return false;
    to_(detail::trace_line(
        Interface::name, P::name, detail::arguments_text<P>(call.arguments, how_),
        call.why ? std::string{} : detail::result_text<P>(call.result, how_), call));
    return true;
  }

  sink to_;
  xdr::text_options how_;
};

}  // namespace tryst::rpc
