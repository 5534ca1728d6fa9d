// bench.x served by libtirpc, with the dispatcher that rpcgen makes: poll, and a write per reply.
#include "bench.h"
#include "sockets.hpp"

extern "C" {

void bench_1(svc_req*, SVCXPRT*);  // in rpcgen's bench_svc.c

bool_t add_1_svc(pair* argument, u_int* result, svc_req*) {
  *result = argument->a + argument->b;
  return TRUE;
}

// The argument's bytes become the result's and are freed with it.
bool_t echo_1_svc(payload* argument, payload* result, svc_req*) {
  *result = *argument;
  *argument = {};
  return TRUE;
}

int bench_1_freeresult(SVCXPRT*, xdrproc_t filter, caddr_t result) {
  xdr_free(filter, result);
  return 1;
}
}

int main(int argc, char** argv) {
  bench::options given{argc, argv};
  std::string bound;
  int listener = bench::listen_at(given.text("--listen", "tcp://127.0.0.1:0"), bound);
  SVCXPRT* transport = bench::type_of(bound) == SOCK_DGRAM ? svc_dg_create(listener, 0, 0)
                                                           : svc_vc_create(listener, 0, 0);
  if (transport == nullptr || !svc_reg(transport, BENCH, BENCH_V1, bench_1, nullptr)) {
    std::fprintf(stderr, "libtirpc refuses to serve\n");
    return 1;
  }
  bench::announce_ready(bound);
  svc_run();
}
