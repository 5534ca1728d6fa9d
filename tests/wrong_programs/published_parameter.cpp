// says within 10 lines: tryst: the operation does not fit the procedure
#include <tryst/bridge/publish.hpp>

#include "buffer.hpp"

struct bounded_buffer : tryst::module {
  tryst::op<void(long)> deposit{this};
  tryst::op<std::int32_t()> fetch{this};
};

void serve(tryst::rpc::server& server, bounded_buffer& buffer) {
  tryst::publish<buffer::BUFFER_V1>(server, buffer, &bounded_buffer::deposit,  // here
                                    &bounded_buffer::fetch);
}
