/* Many clients of tally.x as stock C programs are made: stubs by rpcgen, transport by libtirpc.

     tally_client PORT CLIENTS CALLS MILLISECONDS

   Each client, a thread with a socket of its own, makes every CLIENTS-th of the calls 0 to CALLS-1,
   one behind the other, sends a call again after 100 ms and gives it up after 10 s. Says of each
   call that has no result "failed NUMBER: why", and in the end "results NUMBER". */
#include <arpa/inet.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#include "tally.h"

enum { most_clients = 256 };

static int port;
static unsigned clients;
static unsigned calls;
static unsigned milliseconds;
static unsigned results[most_clients];
static pthread_mutex_t writing = PTHREAD_MUTEX_INITIALIZER;

static void say_failed(unsigned call, const char* why) {
  pthread_mutex_lock(&writing);
  printf("failed %u: %s\n", call, why);
  pthread_mutex_unlock(&writing);
}

static CLIENT* create(void) {
  struct sockaddr_in where = {.sin_family = AF_INET, .sin_port = htons((unsigned short)port)};
  where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  struct netbuf server = {.maxlen = sizeof where, .len = sizeof where, .buf = &where};
  const int descriptor = socket(AF_INET, SOCK_DGRAM, 0);
  CLIENT* client = clnt_dg_create(descriptor, &server, TALLY_PROG, TALLY_V1, 0, 0);
  if (client == NULL) {
    clnt_pcreateerror("clnt_dg_create");
    exit(1);
  }
  struct timeval between_copies = {0, 100 * 1000};
  struct timeval total = {10, 0};
  clnt_control(client, CLSET_RETRY_TIMEOUT, (char*)&between_copies);
  clnt_control(client, CLSET_TIMEOUT, (char*)&total);
  clnt_control(client, CLSET_FD_CLOSE, NULL);
  return client;
}

static void* make_calls(void* which) {
  const unsigned self = (unsigned)(unsigned long)which;
  CLIENT* client = create();
  for (unsigned call = self; call < calls; call += clients) {
    u_int answer = ~call;
    const enum clnt_stat status = mark_1(call, milliseconds, &answer, client);
    if (status != RPC_SUCCESS) {
      say_failed(call, clnt_sperrno(status));
    } else if (answer != call) {
      say_failed(call, "another call's result");
    } else {
      ++results[self];
    }
  }
  clnt_destroy(client);
  return NULL;
}

int main(int argc, char** argv) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (argc != 5) {
    fprintf(stderr, "usage: tally_client PORT CLIENTS CALLS MILLISECONDS\n");
    return 2;
  }
  port = atoi(argv[1]);
  clients = (unsigned)atoi(argv[2]);
  calls = (unsigned)atoi(argv[3]);
  milliseconds = (unsigned)atoi(argv[4]);
  if (clients > most_clients) clients = most_clients;
  pthread_t threads[most_clients];
  for (unsigned i = 0; i < clients; ++i) {
    if (pthread_create(&threads[i], NULL, make_calls, (void*)(unsigned long)i) != 0) return 1;
  }
  unsigned all = 0;
  for (unsigned i = 0; i < clients; ++i) {
    pthread_join(threads[i], NULL);
    all += results[i];
  }
  printf("results %u\n", all);
  return 0;
}
