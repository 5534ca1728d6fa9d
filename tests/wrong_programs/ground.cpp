// What all the wrong programs would be without their faults: it compiles, outside of our namespace.
#include <deque>
#include <tryst/bridge/publish.hpp>
#include <tryst/rendezvous/in.hpp>

#include "buffer.hpp"

struct bounded_buffer : tryst::module {
  tryst::op<void(std::int32_t)> deposit{this};
  tryst::op<std::int32_t()> fetch{this};

  tryst::task<> server(std::size_t size) {
    std::deque<std::int32_t> items;
    for (;;) {
      co_await in(
          accept(deposit)
                  .when([&] { return items.size() < size; })
                  .such_that([](std::int32_t item) { return item >= 0; }) >>
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

void serve(tryst::rpc::server& server, bounded_buffer& module) {
  tryst::publish<buffer::BUFFER_V1>(server, module, &bounded_buffer::deposit,
                                    &bounded_buffer::fetch);
}
