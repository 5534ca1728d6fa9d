// bench.x called through libtirpc's client and rpcgen's stubs, which have one call outstanding.
#include <vector>

#include "bench.h"
#include "sockets.hpp"

int main(int argc, char** argv) {
  bench::options given{argc, argv};
  bench::address server{given.text("--connect")};
  bench::shared_counter counter{given.text("--counter")};
  std::vector<char> bytes(given.number("--payload", 0), 0x5a);
  netbuf where{.maxlen = server.size, .len = server.size, .buf = &server.storage};
  const std::string text = given.text("--connect");
  CLIENT* client =
      bench::type_of(text) == SOCK_DGRAM
          ? clnt_dg_create(socket(AF_INET, SOCK_DGRAM, 0), &where, BENCH, BENCH_V1, 0, 0)
          : clnt_vc_create(bench::dial(text), &where, BENCH, BENCH_V1, 0, 0);
  if (client == nullptr) {
    clnt_pcreateerror("libtirpc");
    return 1;
  }
  bench::announce_ready();
  for (u_int xid = 1;; ++xid) {
    bool right;
    if (bytes.empty()) {
      pair argument{xid, 7};
      u_int result = 0;
      right = add_1(&argument, &result, client) == RPC_SUCCESS && result == xid + 7;
    } else {
      payload argument{static_cast<u_int>(bytes.size()), bytes.data()}, result{};
      right = echo_1(&argument, &result, client) == RPC_SUCCESS &&
              result.payload_len == bytes.size() && result.payload_val[0] == bytes[0];
      clnt_freeres(client, reinterpret_cast<xdrproc_t>(xdr_payload),
                   reinterpret_cast<caddr_t>(&result));
    }
    if (!right) {
      clnt_perror(client, "libtirpc");
      return 1;
    }
    counter.add(1);
  }
}
