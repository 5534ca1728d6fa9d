// A view together with the buffer that it looks into.
//
// Generated headers whose .x marks a type with `view` include this one.
#pragma once

#include <expected>
#include <span>
#include <system_error>
#include <tryst/xdr/bytes.hpp>
#include <tryst/xdr/codec.hpp>
#include <tryst/xdr/to_owned.hpp>
#include <utility>

namespace tryst::xdr {

/// A view::T that keeps the received bytes alive. Copies share them; any thread may hold one.
template <class View>
class borrowed {
public:
  borrowed() = default;
  /// `view` looks into `buffer`, or into what outlives this object.
  borrowed(View view, buffer_ref buffer) : view_{std::move(view)}, buffer_{std::move(buffer)} {}

  const View& operator*() const noexcept { return view_; }
  const View* operator->() const noexcept { return &view_; }
  const buffer_ref& buffer() const noexcept { return buffer_; }
  /// The owning T, which needs the buffer no more.
  auto to_owned() const { return xdr::to_owned(view_); }

private:
  View view_{};
  buffer_ref buffer_;
};

/// The view of a message: `bytes`, which lie in `buffer`, are checked in place, all of them.
template <class View, class Desc = plain>
std::expected<borrowed<View>, std::error_code> borrow(buffer_ref buffer,
                                                      std::span<const std::byte> bytes,
                                                      const decode_options& options = {}) {
  auto view = from_bytes<View, Desc>(bytes, options);
  if (!view) return std::unexpected{view.error()};
  return borrowed<View>{*std::move(view), std::move(buffer)};
}

}  // namespace tryst::xdr
