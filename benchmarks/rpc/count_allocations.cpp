#include "count_allocations.hpp"

#include <cstddef>

#include "sockets.hpp"

namespace bench {
namespace {
shared_counter* counted_in = nullptr;

void count() {
  if (counted_in != nullptr) counted_in->add(1);
}
}  // namespace

void count_allocations_in(shared_counter& counter) { counted_in = &counter; }

}  // namespace bench

// The names behind which glibc keeps its own, for programs that replace malloc.
extern "C" {
void* __libc_malloc(std::size_t size);
void* __libc_calloc(std::size_t count, std::size_t size);
void* __libc_realloc(void* old, std::size_t size);

void* malloc(std::size_t size) {
  bench::count();
  return __libc_malloc(size);
}
void* calloc(std::size_t count, std::size_t size) {
  bench::count();
  return __libc_calloc(count, size);
}
void* realloc(void* old, std::size_t size) {
  bench::count();
  return __libc_realloc(old, size);
}
}
