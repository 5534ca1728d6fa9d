// says within 30 lines: tryst: the operation does not fit the procedure
#include <string>
#include <tryst/bridge/publish.hpp>

#include "buffer.hpp"

struct texts : tryst::module {
  tryst::op<void(std::string)> deposit{this};
  tryst::op<std::string()> fetch{this};
};

void serve(tryst::rpc::server& server, texts& module) {
  tryst::publish<buffer::BUFFER_V1>(server, module, &texts::deposit, &texts::fetch);  // here
}
