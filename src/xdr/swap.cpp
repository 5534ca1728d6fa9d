#include <tryst/xdr/byte_order.hpp>

namespace tryst::xdr {
namespace {

template <class Word>
void swap_words(std::byte* to, const std::byte* from, std::size_t count) noexcept {
  for (std::size_t i = 0; i < count; ++i) {
    Word word = load_big<Word>(from + i * sizeof(Word));
    std::memcpy(to + i * sizeof(Word), &word, sizeof word);
  }
}

}  // namespace

void swap_words_4(std::byte* to, const std::byte* from, std::size_t count) noexcept {
  swap_words<std::uint32_t>(to, from, count);
}

void swap_words_8(std::byte* to, const std::byte* from, std::size_t count) noexcept {
  swap_words<std::uint64_t>(to, from, count);
}

}  // namespace tryst::xdr
