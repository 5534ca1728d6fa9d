// The bounded buffer of the book, within the program and seen from afar.
#pragma once

#include <deque>
#include <tryst/bridge/publish.hpp>
#include <tryst/bridge/remote_operation.hpp>
#include <tryst/epoll_loop.hpp>
#include <tryst/rendezvous/in.hpp>

#include "buffer.hpp"

namespace tryst::bridge_test {

using buffer::BUFFER_V1;

struct bounded_buffer : module {
  op<void(std::int32_t)> deposit{this};
  op<std::int32_t()> fetch{this};

  task<> server(std::size_t size) {
    std::deque<std::int32_t> items;
    for (;;) {
      co_await in(
          accept(deposit).when(items.size() < size) >>
              [&](std::int32_t item) { items.push_back(item); },
          accept(fetch).when(!items.empty()) >>
              [&] {
                const std::int32_t item = items.front();
                items.pop_front();
                return item;
              });
    }
  }
};

struct far_buffer : remote_module<BUFFER_V1> {
  using remote_module::remote_module;
  remote_op<BUFFER_V1::DEPOSIT> deposit{this};
  remote_op<BUFFER_V1::FETCH> fetch{this};
};

/// A module whose processes run on a loop of their own as long as the test does.
template <class Module>
class running {
public:
  running() = default;
  running(const running&) = delete;
  running& operator=(const running&) = delete;
  ~running() { stop(); }

  /// To be done while the loops of its callers are there.
  void stop() {
    module_.close();
    module_.join();
  }

  Module* operator->() noexcept { return &module_; }
  Module& operator*() noexcept { return module_; }
  void start(task<> process) { module_.start(loop_.get(), std::move(process)); }
  loop& home() { return loop_.get(); }

private:
  Module module_;
  loop_thread loop_;
};

}  // namespace tryst::bridge_test
