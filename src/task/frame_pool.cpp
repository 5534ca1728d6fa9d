// Frames of finished coroutines wait in short lists, one a size class, for the next of their size:
// a call that needs a coroutine then needs no allocation.

#include <array>
#include <cstddef>
#include <new>
#include <tryst/task.hpp>

namespace tryst::detail {
namespace {

constexpr std::size_t granule = 64;
constexpr std::size_t classes = 32;           // frames of up to 2 KiB
constexpr std::size_t kept_in_a_class = 256;  // beyond this a frame goes back to the system

class frame_pool {
public:
  frame_pool() = default;
  frame_pool(const frame_pool&) = delete;
  frame_pool& operator=(const frame_pool&) = delete;

  ~frame_pool() {
    for (list& l : lists_) {
      while (l.first != nullptr) ::operator delete(l.pop());
    }
    ended_ = true;
  }

  void* allocate(std::size_t size_class) {
    list& l = lists_[size_class];
    return l.first != nullptr ? l.pop() : ::operator new((size_class + 1) * granule);
  }

  void free(void* frame, std::size_t size_class) noexcept {
    list& l = lists_[size_class];
    // A frame may outlive the pool: one that is freed by a static's destructor.
    if (ended_ || l.count >= kept_in_a_class) return ::operator delete(frame);
    l.push(frame);
  }

private:
  struct node {
    node* next;
  };

  struct list {
    node* first = nullptr;
    std::size_t count = 0;

    void* pop() noexcept {
      node* const n = first;
      first = n->next;
      --count;
      return n;
    }

    void push(void* frame) noexcept {
      first = ::new (frame) node{first};
      ++count;
    }
  };

  std::array<list, classes> lists_{};
  bool ended_ = false;
};

frame_pool& pool() {
  thread_local frame_pool frames;
  return frames;
}

constexpr std::size_t class_of(std::size_t size) { return (size - 1) / granule; }

}  // namespace

void* allocate_frame(std::size_t size) {
  const std::size_t size_class = class_of(size);
  return size_class < classes ? pool().allocate(size_class) : ::operator new(size);
}

void free_frame(void* frame, std::size_t size) noexcept {
  const std::size_t size_class = class_of(size);
  if (size_class < classes) return pool().free(frame, size_class);
  ::operator delete(frame);
}

}  // namespace tryst::detail
