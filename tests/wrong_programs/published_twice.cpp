// says within 10 lines: tryst: a procedure has one operation
#include <tryst/bridge/publish.hpp>

#include "buffer.hpp"

struct bounded_buffer : tryst::module {
  tryst::op<void(std::int32_t)> deposit{this};
  tryst::op<void(std::int32_t)> put{this};
};

void serve(tryst::rpc::server& server, bounded_buffer& buffer) {
  using ::buffer::BUFFER_V1;
  using tryst::exported;
  tryst::publish<BUFFER_V1>(server, buffer,  // here
                            exported<BUFFER_V1::DEPOSIT>(&bounded_buffer::deposit),
                            exported<BUFFER_V1::DEPOSIT>(&bounded_buffer::put));
}
