// Universal addresses, and a registry's text: what is read is written so that it is read again as
// the same, and nothing else is accepted.
#include <string_view>
#include <tryst/binder/saved_entries.hpp>
#include <tryst/binder/universal_address.hpp>

#include "binder/transport_address.hpp"
#include "fuzz/fuzz.hpp"

using namespace tryst;
using namespace tryst::binder;

namespace {

constexpr std::array all{netid::tcp, netid::udp, netid::tcp6, netid::udp6, netid::local};

void check_text(std::string_view text) {
  const auto parsed = universal_address::parse(text);
  if (!parsed) return;
  const auto again = universal_address::parse(parsed->text());
  fuzz::must(again.has_value() && again->text() == parsed->text());
  fuzz::must(*again == *parsed);
  for (const netid over : all) {
    const auto bytes = to_transport_address(text, over);
    fuzz::must(bytes.empty() == !parsed->suits(over));
    if (!bytes.empty()) fuzz::must(from_transport_address(bytes, over) == parsed->text());
  }
}

void check_bytes(std::span<const std::byte> bytes) {
  for (const netid over : all) {
    const auto text = from_transport_address(bytes, over);
    if (!text.empty()) fuzz::must(universal_address::parse(text).has_value());
  }
}

void check_entries(std::string_view text) {
  // A checksum that is right, so that the rest is looked at, too.
  const std::string sealed = save_entries({});
  const auto entries = load_entries(text);
  if (entries) fuzz::must(load_entries(save_entries(*entries)) == entries);
  fuzz::must(load_entries(sealed).has_value());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const fuzz::input in{data, size};
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  check_text(text);
  check_bytes(in.rest());
  check_entries(text);
  return 0;
}
