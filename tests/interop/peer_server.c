/* A server as stock C programs are made: dispatch by rpcgen, transport by libtirpc, no binder.

     peer_server tcp | udp | unix:PATH

   It listens on 127.0.0.1, on a port of the kernel's choice, or at PATH, says "READY port" and
   serves peer.x and torture.x until it is killed or its parent dies. */
#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "peer.h"
#include "torture_echo.h"

void peer_prog_2(struct svc_req* request, SVCXPRT* transport);
void peer_prog_4(struct svc_req* request, SVCXPRT* transport);

static int total;

bool_t add_2_svc(pair p, int* sum, struct svc_req* request) {
  (void)request;
  *sum = p.a + p.b;
  return TRUE;
}

bool_t divide_2_svc(int a, int b, char* why_not, quotient* result, struct svc_req* request) {
  (void)request;
  result->known = b != 0;
  if (b != 0) {
    result->quotient_u.parts.a = a / b;
    result->quotient_u.parts.b = a % b;
  } else {
    result->quotient_u.why = strdup(why_not);
  }
  return TRUE;
}

bool_t repeat_2_svc(payload p, payload* result, struct svc_req* request) {
  (void)request;
  result->payload_val = malloc(p.payload_len + 1);
  if (p.payload_len > 0) memcpy(result->payload_val, p.payload_val, p.payload_len);
  result->payload_len = p.payload_len;
  return TRUE;
}

bool_t repeat_numbers_2_svc(numbers n, numbers* result, struct svc_req* request) {
  (void)request;
  result->numbers_val = malloc((n.numbers_len + 1) * sizeof(int));
  if (n.numbers_len > 0) memcpy(result->numbers_val, n.numbers_val, n.numbers_len * sizeof(int));
  result->numbers_len = n.numbers_len;
  return TRUE;
}

/* False: rpcgen's dispatch sends nothing more. */
bool_t refuse_2_svc(refusal how, int* result, struct svc_req* request) {
  SVCXPRT* transport = request->rq_xprt;
  (void)result;
  switch (how) {
    case GARBAGE:
      svcerr_decode(transport);
      break;
    case SYSTEM:
      svcerr_systemerr(transport);
      break;
    case BAD_CREDENTIAL:
      svcerr_auth(transport, AUTH_BADCRED);
      break;
    case REJECTED_CREDENTIAL:
      svcerr_auth(transport, AUTH_REJECTEDCRED);
      break;
    case BAD_VERIFIER:
      svcerr_auth(transport, AUTH_BADVERF);
      break;
    case REJECTED_VERIFIER:
      svcerr_auth(transport, AUTH_REJECTEDVERF);
      break;
    case TOO_WEAK:
      svcerr_weakauth(transport);
      break;
  }
  return FALSE;
}

bool_t put_2_svc(int n, void* result, struct svc_req* request) {
  (void)result;
  (void)request;
  total += n;
  return FALSE;
}

bool_t total_2_svc(int* result, struct svc_req* request) {
  (void)request;
  *result = total;
  return TRUE;
}

bool_t who_2_svc(identity* result, struct svc_req* request) {
  memset(result, 0, sizeof *result);
  if (request->rq_cred.oa_flavor != AUTH_SYS) {
    result->machine = strdup("");
    return TRUE;
  }
  const struct authunix_parms* caller = (const struct authunix_parms*)request->rq_clntcred;
  result->machine = strdup(caller->aup_machname);
  result->uid = (int)caller->aup_uid;
  result->gid = (int)caller->aup_gid;
  result->groups.groups_len = caller->aup_len;
  result->groups.groups_val = malloc((caller->aup_len + 1) * sizeof(int));
  for (u_int i = 0; i < caller->aup_len; ++i) {
    result->groups.groups_val[i] = (int)caller->aup_gids[i];
  }
  return TRUE;
}

bool_t subtract_4_svc(pair p, int* difference, struct svc_req* request) {
  (void)request;
  *difference = p.a - p.b;
  return TRUE;
}

int peer_prog_2_freeresult(SVCXPRT* transport, xdrproc_t routine, caddr_t result) {
  (void)transport;
  xdr_free(routine, result);
  return 1;
}

int peer_prog_4_freeresult(SVCXPRT* transport, xdrproc_t routine, caddr_t result) {
  return peer_prog_2_freeresult(transport, routine, result);
}

static void serve_torture(struct svc_req* request, SVCXPRT* transport) {
  const struct echo_procedure* procedure = find_echo_procedure(request->rq_proc);
  if (procedure == NULL) {
    svcerr_noproc(transport);
    return;
  }
  void* value = calloc(1, procedure->size);
  if (!svc_getargs(transport, procedure->routine, (caddr_t)value)) {
    svcerr_decode(transport);
  } else if (!svc_sendreply(transport, procedure->routine, (caddr_t)value)) {
    svcerr_systemerr(transport);
  }
  svc_freeargs(transport, procedure->routine, (caddr_t)value);
  free(value);
}

static void die(const char* what) {
  perror(what);
  exit(1);
}

int main(int argc, char** argv) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (argc != 2) {
    fprintf(stderr, "usage: peer_server tcp | tcp6 | udp | unix:PATH\n");
    return 2;
  }
  int listener;
  int port = 0;
  const int datagrams = strcmp(argv[1], "udp") == 0;
  if (strncmp(argv[1], "unix:", 5) == 0) {
    struct sockaddr_un where = {.sun_family = AF_UNIX};
    snprintf(where.sun_path, sizeof where.sun_path, "%s", argv[1] + 5);
    listener = socket(AF_UNIX, SOCK_STREAM, 0);
    if (bind(listener, (struct sockaddr*)&where, sizeof where) != 0) die("bind");
  } else if (strcmp(argv[1], "tcp6") == 0) {
    struct sockaddr_in6 where = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    socklen_t size = sizeof where;
    listener = socket(AF_INET6, SOCK_STREAM, 0);
    if (bind(listener, (struct sockaddr*)&where, sizeof where) != 0) die("bind");
    getsockname(listener, (struct sockaddr*)&where, &size);
    port = ntohs(where.sin6_port);
  } else {
    struct sockaddr_in where = {.sin_family = AF_INET};
    socklen_t size = sizeof where;
    where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    listener = socket(AF_INET, datagrams ? SOCK_DGRAM : SOCK_STREAM, 0);
    if (bind(listener, (struct sockaddr*)&where, sizeof where) != 0) die("bind");
    getsockname(listener, (struct sockaddr*)&where, &size);
    port = ntohs(where.sin_port);
  }
  if (!datagrams && listen(listener, 128) != 0) die("listen");
  SVCXPRT* transport =
      datagrams ? svc_dg_create(listener, 65000, 65000) : svc_vc_create(listener, 0, 0);
  /* Without a netconfig nothing is told to a binder. */
  if (transport == NULL || !svc_reg(transport, PEER_PROG, PEER_V2, peer_prog_2, NULL) ||
      !svc_reg(transport, PEER_PROG, PEER_V4, peer_prog_4, NULL) ||
      !svc_reg(transport, TORTURE_PROG, TORTURE_V1, serve_torture, NULL)) {
    fprintf(stderr, "libtirpc serves nothing on this socket\n");
    return 1;
  }
  printf("READY %d\n", port);
  fflush(stdout);
  svc_run();
  return 1;
}
