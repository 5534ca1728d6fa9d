// says within 10 lines: tryst: an operation with reference parameters cannot be published
#include <tryst/bridge/publish.hpp>

#include "buffer.hpp"

struct bounded_buffer : tryst::module {
  tryst::op<void(std::int32_t&)> deposit{this};
  tryst::op<std::int32_t()> fetch{this};
};

void serve(tryst::rpc::server& server, bounded_buffer& buffer) {
  tryst::publish<buffer::BUFFER_V1>(server, buffer, &bounded_buffer::deposit,  // here
                                    &bounded_buffer::fetch);
}
