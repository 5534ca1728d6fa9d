// All types that tryst-gen knows: those of rpcgen too, and those that are its own.
#include "torture.hpp"
#include "fuzz/types.hpp"
#include "unusual.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  tryst::fuzz::input in{data, size};
  const std::uint8_t which = in.decide();
  const std::uint8_t how = in.decide();
  const bool lenient = (how & 1U) != 0;
  if ((how & 2U) != 0) {
    tryst::fuzz::check_procedure(which, in.rest(), lenient, unusual::UNUSUAL_V1::procedures{});
  } else {
    tryst::fuzz::check_procedure(which, in.rest(), lenient, torture::TORTURE_V1::procedures{});
  }
  return 0;
}
