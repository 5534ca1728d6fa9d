// A registry as text, for a binder that is to know after a restart what it knew before. A line an
// entry, and a checksum of all of them: what is cut off or altered is recognised as a whole.
#pragma once

#include <expected>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <tryst/binder/registry.hpp>
#include <vector>

namespace tryst::binder {

/// The text of these entries.
std::string save_entries(std::span<const entry> entries);

/// The entries of a text that save_entries() made; errc::message_invalid for any other. What they
/// say is as trustworthy as whoever can write the text: registry::set() has its limits, but the
/// owners are believed.
std::expected<std::vector<entry>, std::error_code> load_entries(std::string_view text);

}  // namespace tryst::binder
