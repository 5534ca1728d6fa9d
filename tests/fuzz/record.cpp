// Record marking (RFC 5531 §11): however a stream is cut into deliveries, the outcome is the same,
// and no record breaks a limit.
#include "fuzz/fuzz.hpp"
#include "support/record_stream.hpp"

using namespace tryst;

namespace {

test::received deliver(std::span<const std::byte> stream, std::uint8_t seed,
                       const rpc::record_limits& limits) {
  test::record_stream to{limits};
  for (fuzz::cutter pieces{stream, seed}; !pieces.done();) to.deliver(pieces.next());
  return to.seen();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::input in{data, size};
  const std::uint32_t how = in.decide();
  const std::uint8_t seed = in.decide();
  const rpc::record_limits limits{.max_bytes = (how & 1U) != 0 ? 0xffffffffU : 4096U,
                                  .max_fragments = how >> 4U,
                                  .free_fragments = (how >> 2U) & 3U,
                                  .tolerate_missing_last_fragment = (how & 2U) != 0};
  const test::received whole = deliver(in.rest(), 0, limits);
  for (const test::bytes& found : whole.records) fuzz::must(found.size() <= limits.max_bytes);
  fuzz::must(whole.left == 0 || whole.inside_record);
  fuzz::must(deliver(in.rest(), seed, limits) == whole);
  fuzz::must(deliver(in.rest(), 1, limits) == whole);
  return 0;
}
