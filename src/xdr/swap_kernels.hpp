// The ways to swap an array of numbers, for the choice at run time and for the test that they
// agree.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace tryst::xdr::detail {

/// Swaps words in `bytes` bytes, a multiple of the word's size.
using swap_function = void (*)(std::byte* to, const std::byte* from, std::size_t bytes);

struct swap_kernel {
  std::string_view needs;  ///< what the processor must have
  bool usable;             ///< this one has it
  swap_function words_4;
  swap_function words_8;
};

/// Fastest first; the last one runs anywhere.
std::array<swap_kernel, 4> swap_kernels();

}  // namespace tryst::xdr::detail
