/* A server of tally.x as stock C programs are made: dispatch by rpcgen, transport by libtirpc, no
   binder, and no reply cache. It says "READY port" and serves datagrams at 127.0.0.1 until it is
   killed or its parent dies. */
#include <arpa/inet.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#include "tally.h"

void tally_prog_1(struct svc_req* request, SVCXPRT* transport);

enum { most = 65536 };
static unsigned char ran[most];
static tally all;

bool_t mark_1_svc(u_int call, u_int milliseconds, u_int* result, struct svc_req* request) {
  (void)request;
  if (milliseconds > 0) poll(NULL, 0, (int)milliseconds);
  ++all.executions;
  if (call < most && !ran[call]) {
    ran[call] = 1;
    ++all.calls;
  }
  *result = call;
  return TRUE;
}

bool_t total_1_svc(tally* result, struct svc_req* request) {
  (void)request;
  *result = all;
  return TRUE;
}

int tally_prog_1_freeresult(SVCXPRT* transport, xdrproc_t routine, caddr_t result) {
  (void)transport;
  xdr_free(routine, result);
  return 1;
}

int main(void) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  struct sockaddr_in where = {.sin_family = AF_INET};
  socklen_t size = sizeof where;
  where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int listener = socket(AF_INET, SOCK_DGRAM, 0);
  if (bind(listener, (struct sockaddr*)&where, sizeof where) != 0) {
    perror("bind");
    return 1;
  }
  getsockname(listener, (struct sockaddr*)&where, &size);
  SVCXPRT* transport = svc_dg_create(listener, 0, 0);
  /* Without a netconfig nothing is told to a binder. */
  if (transport == NULL || !svc_reg(transport, TALLY_PROG, TALLY_V1, tally_prog_1, NULL)) {
    fprintf(stderr, "libtirpc serves nothing on this socket\n");
    return 1;
  }
  printf("READY %d\n", ntohs(where.sin_port));
  fflush(stdout);
  svc_run();
  return 1;
}
