#include "support/allocation_meter.hpp"

#include <atomic>
#include <cstdlib>
#include <new>

#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define TRYST_TEST_MALLOC_HOOKS 1
#include <sanitizer/allocator_interface.h>
#endif
#endif
#ifndef TRYST_TEST_MALLOC_HOOKS
#include <malloc.h>
#endif

namespace {

std::atomic<std::size_t> live{0};
std::atomic<std::size_t> most{0};

void came(std::size_t bytes) {
  const std::size_t now = live += bytes;
  for (std::size_t seen = most; seen < now && !most.compare_exchange_weak(seen, now);) {
  }
}

}  // namespace

#ifdef TRYST_TEST_MALLOC_HOOKS

// ThreadSanitizer has an operator new of its own, which cannot be replaced; it reports to hooks.
namespace {

void on_malloc(const volatile void*, std::size_t bytes) { came(bytes); }
void on_free(const volatile void* memory) { live -= __sanitizer_get_allocated_size(memory); }

[[maybe_unused]] const int hooked = __sanitizer_install_malloc_and_free_hooks(on_malloc, on_free);

}  // namespace

#else

namespace {

void* counted(std::size_t bytes) {
  void* memory = std::malloc(bytes);
  if (memory == nullptr) throw std::bad_alloc{};
  came(malloc_usable_size(memory));
  return memory;
}

void uncounted(void* memory) noexcept {
  if (memory != nullptr) live -= malloc_usable_size(memory);
  std::free(memory);
}

}  // namespace

void* operator new(std::size_t bytes) { return counted(bytes); }
void* operator new[](std::size_t bytes) { return counted(bytes); }
void operator delete(void* memory) noexcept { uncounted(memory); }
void operator delete[](void* memory) noexcept { uncounted(memory); }
void operator delete(void* memory, std::size_t) noexcept { uncounted(memory); }
void operator delete[](void* memory, std::size_t) noexcept { uncounted(memory); }

#endif

namespace tryst::test {

allocation_meter::allocation_meter() : start_{live} { most = start_; }
std::size_t allocation_meter::peak() const { return most - start_; }
std::size_t allocation_meter::left() const { return live - start_; }

}  // namespace tryst::test
