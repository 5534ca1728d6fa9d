/* What a program of libtirpc asks a binder for, one request a run:
 *
 *   set NETID PROGRAM VERSION ADDRESS     rpcb_set
 *   unset NETID|- PROGRAM VERSION         rpcb_unset; - is all of them
 *   pset PROTOCOL PROGRAM VERSION PORT    pmap_set
 *   punset PROGRAM VERSION                pmap_unset
 *   getaddr NETID HOST PROGRAM VERSION    rpcb_getaddr
 *   getport PROTOCOL HOST PROGRAM VERSION pmap_getport of an IPv4 address
 *   call NETID HOST PROGRAM VERSION       clnt_create by name, and procedure 0
 *   serve PROGRAM VERSION                 svc_create over all transports, until SIGTERM
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <rpc/pmap_clnt.h>
#include <rpc/rpc.h>
#include <rpc/rpcb_clnt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static unsigned long number(const char* text) { return strtoul(text, NULL, 0); }

static struct netconfig* transport(const char* netid) {
  struct netconfig* found = getnetconfigent(netid);
  if (found == NULL) {
    fprintf(stderr, "no transport %s\n", netid);
    exit(2);
  }
  return found;
}

static void say(bool_t done) { puts(done ? "TRUE" : "FALSE"); }

static int set(char** argv) {
  struct netconfig* over = transport(argv[0]);
  struct netbuf* address = uaddr2taddr(over, argv[3]);
  if (address == NULL) return 2;
  say(rpcb_set(number(argv[1]), number(argv[2]), over, address));
  return 0;
}

static int unset(char** argv) {
  struct netconfig* over = strcmp(argv[0], "-") == 0 ? NULL : transport(argv[0]);
  say(rpcb_unset(number(argv[1]), number(argv[2]), over));
  return 0;
}

static int getaddr(char** argv) {
  struct netconfig* over = transport(argv[0]);
  struct sockaddr_storage room;
  struct netbuf address = {.maxlen = sizeof room, .len = 0, .buf = &room};
  if (!rpcb_getaddr(number(argv[2]), number(argv[3]), over, &address, argv[1])) {
    puts(clnt_sperrno(rpc_createerr.cf_stat));
    return 1;
  }
  puts(taddr2uaddr(over, &address));
  return 0;
}

static int getport(char** argv) {
  struct sockaddr_in at = {.sin_family = AF_INET};
  inet_pton(AF_INET, argv[1], &at.sin_addr);
  printf("%u\n", pmap_getport(&at, number(argv[2]), number(argv[3]), (u_int)number(argv[0])));
  return 0;
}

static int call(char** argv) {
  struct timeval patience = {.tv_sec = 10};
  CLIENT* caller =
      clnt_create(argv[1], (rpcprog_t)number(argv[2]), (rpcvers_t)number(argv[3]), argv[0]);
  if (caller == NULL) {
    puts(clnt_sperrno(rpc_createerr.cf_stat));
    return 1;
  }
  puts(clnt_sperrno(
      clnt_call(caller, 0, (xdrproc_t)xdr_void, NULL, (xdrproc_t)xdr_void, NULL, patience)));
  clnt_destroy(caller);
  return 0;
}

static rpcprog_t served_program;
static rpcvers_t served_version;

static void withdraw(int signal_number) {
  (void)signal_number;
  svc_unreg(served_program, served_version);
  _exit(0);
}

static void answer(struct svc_req* request, SVCXPRT* over) {
  if (request->rq_proc == 0) {
    svc_sendreply(over, (xdrproc_t)xdr_void, NULL);
  } else {
    svcerr_noproc(over);
  }
}

static int serve(char** argv) {
  served_program = (rpcprog_t)number(argv[0]);
  served_version = (rpcvers_t)number(argv[1]);
  signal(SIGTERM, withdraw);
  printf("registered %d\n", svc_create(answer, served_program, served_version, "netpath"));
  fflush(stdout);
  svc_run();
  return 1;
}

int main(int argc, char** argv) {
  const char* what = argc > 1 ? argv[1] : "";
  if (strcmp(what, "set") == 0 && argc == 6) return set(argv + 2);
  if (strcmp(what, "unset") == 0 && argc == 5) return unset(argv + 2);
  if (strcmp(what, "pset") == 0 && argc == 6) {
    say(pmap_set(number(argv[3]), number(argv[4]), (int)number(argv[2]), (int)number(argv[5])));
    return 0;
  }
  if (strcmp(what, "punset") == 0 && argc == 4) {
    say(pmap_unset(number(argv[2]), number(argv[3])));
    return 0;
  }
  if (strcmp(what, "getaddr") == 0 && argc == 6) return getaddr(argv + 2);
  if (strcmp(what, "getport") == 0 && argc == 6) return getport(argv + 2);
  if (strcmp(what, "call") == 0 && argc == 6) return call(argv + 2);
  if (strcmp(what, "serve") == 0 && argc == 4) return serve(argv + 2);
  fprintf(stderr, "what is '%s'?\n", what);
  return 2;
}
