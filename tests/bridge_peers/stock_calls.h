/* What the stock C programs have in common: how they connect, wait and speak. A call over UDP is
   sent again after 100 ms, and longer each time. */
#pragma once

#include <arpa/inet.h>
#include <rpc/rpc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>

static const struct timeval patience = {60, 0};

static inline void die_with_the_test(void) { prctl(PR_SET_PDEATHSIG, SIGKILL); }

static inline int is(const char* what, const char* command) { return strcmp(what, command) == 0; }

static inline void give_up(const char* what) {
  fprintf(stderr, "%s\n", what);
  exit(1);
}

static inline void must(enum clnt_stat status, const char* what) {
  if (status == RPC_SUCCESS) return;
  fprintf(stderr, "%s: %s\n", what, clnt_sperrno(status));
  exit(1);
}

static inline CLIENT* made(CLIENT* client, const char* transport) {
  if (client == NULL) {
    clnt_pcreateerror("create");
    exit(1);
  }
  struct timeval between_copies = {0, 100 * 1000};
  if (strcmp(transport, "udp") == 0) {
    clnt_control(client, CLSET_RETRY_TIMEOUT, (char*)&between_copies);
  }
  return client;
}

static inline CLIENT* create(const char* transport, const char* port, rpcprog_t program) {
  struct sockaddr_in where = {.sin_family = AF_INET, .sin_port = htons((unsigned short)atoi(port))};
  where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  struct netbuf server = {.maxlen = sizeof where, .len = sizeof where, .buf = &where};
  CLIENT* client = NULL;
  if (strcmp(transport, "tcp") == 0) {
    const int descriptor = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(descriptor, (struct sockaddr*)&where, sizeof where) != 0) give_up("connect");
    client = clnt_vc_create(descriptor, &server, program, 1, 0, 0);
  } else {
    client = clnt_dg_create(socket(AF_INET, SOCK_DGRAM, 0), &server, program, 1, 0, 0);
  }
  return made(client, transport);
}

/* How long calls wait from now on. */
static inline void wait_for(CLIENT* client, struct timeval total) {
  clnt_control(client, CLSET_TIMEOUT, (char*)&total);
}

static inline void say(const char* what, int number) {
  printf("%s %d\n", what, number);
  fflush(stdout);
}
