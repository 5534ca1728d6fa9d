// says within 10 lines: tryst: name the procedures of all operations
#include <tryst/bridge/publish.hpp>

#include "buffer.hpp"

struct bounded_buffer : tryst::module {
  tryst::op<void(std::int32_t)> deposit{this};
  tryst::op<std::int32_t()> fetch{this};
};

void serve(tryst::rpc::server& server, bounded_buffer& buffer) {
  using tryst::exported;
  tryst::publish<buffer::BUFFER_V1>(server, buffer, &bounded_buffer::deposit,  // here
                                    exported<buffer::BUFFER_V1::FETCH>(&bounded_buffer::fetch));
}
