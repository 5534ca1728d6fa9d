#include "rendezvous/allocations.hpp"

#include <cstdlib>
#include <new>

#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define TRYST_TEST_MALLOC_HOOKS 1
#include <sanitizer/allocator_interface.h>
#endif
#endif

namespace {

thread_local std::size_t count = 0;

}  // namespace

std::size_t tryst::rendezvous_test::allocations() noexcept { return count; }

#ifdef TRYST_TEST_MALLOC_HOOKS

// ThreadSanitizer has an operator new of its own, which cannot be replaced; it reports to hooks.
namespace {

void on_malloc(const volatile void*, std::size_t) { ++count; }
void on_free(const volatile void*) {}

[[maybe_unused]] const int hooked = __sanitizer_install_malloc_and_free_hooks(on_malloc, on_free);

}  // namespace

#else

void* operator new(std::size_t size) {
  ++count;
  void* const block = std::malloc(size);
  if (block == nullptr) throw std::bad_alloc{};
  return block;
}
void operator delete(void* block) noexcept { std::free(block); }
void operator delete(void* block, std::size_t) noexcept { std::free(block); }

#endif
