/* A client of buffer.x and locks.x as stock C programs are made: stubs by rpcgen, transport by
   libtirpc. The procedures wait in input statements of the server; it cannot know.

     stock_client tcp|udp PORT COMMAND, where a command is one of

     - produce FIRST COUNT: deposits numbers
     - consume COUNT: fetches, and says "got NUMBER" of each
     - lock NAME ROUNDS FILE: acquires and releases; while it has the lock it has made FILE, if that
       is not empty, which nobody else may find
     - hold NAME: acquires, says "held 1", and never releases
     - pool UNITS ROUNDS: takes units and gives them back
     - grab UNITS: takes units, says "held 1", and keeps them

   A call over UDP is sent again after 100 ms, and longer each time. */
#include <arpa/inet.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "buffer.h"
#include "locks.h"

static void give_up(const char* what) {
  fprintf(stderr, "%s\n", what);
  exit(1);
}

static void must(enum clnt_stat status, const char* what) {
  if (status == RPC_SUCCESS) return;
  fprintf(stderr, "%s: %s\n", what, clnt_sperrno(status));
  exit(1);
}

static CLIENT* create(const char* transport, const char* port, rpcprog_t program) {
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
    struct timeval between_copies = {0, 100 * 1000};
    if (client != NULL) clnt_control(client, CLSET_RETRY_TIMEOUT, (char*)&between_copies);
  }
  if (client == NULL) {
    clnt_pcreateerror("create");
    exit(1);
  }
  struct timeval total = {60, 0};
  clnt_control(client, CLSET_TIMEOUT, (char*)&total);
  return client;
}

static void say(const char* what, int number) {
  printf("%s %d\n", what, number);
  fflush(stdout);
}

static void produce(CLIENT* client, int first, int count) {
  char nothing;
  for (int i = 0; i < count; ++i) must(deposit_1(first + i, &nothing, client), "deposit");
}

static void consume(CLIENT* client, int count) {
  for (int i = 0; i < count; ++i) {
    int item = 0;
    must(fetch_1(&item, client), "fetch");
    say("got", item);
  }
}

static u_int acquire(CLIENT* client, char* name) {
  u_int ticket = 0;
  must(acquire_1(name, &ticket, client), "acquire");
  return ticket;
}

static void lock(CLIENT* client, char* name, int rounds, const char* file) {
  char nothing;
  for (int i = 0; i < rounds; ++i) {
    const u_int ticket = acquire(client, name);
    if (*file != '\0') {
      const int made = open(file, O_CREAT | O_EXCL, 0600);
      if (made < 0) give_up("somebody else has the lock");
      close(made);
      unlink(file);
    }
    must(release_1(ticket, &nothing, client), "release");
  }
}

static void use_pool(CLIENT* client, u_int units, int rounds) {
  char nothing;
  for (int i = 0; i < rounds; ++i) {
    u_int ticket = 0;
    must(take_1(units, &ticket, client), "take");
    must(give_back_1(ticket, &nothing, client), "give_back");
  }
}

int main(int argc, char** argv) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (argc < 5) give_up("usage: stock_client tcp|udp PORT produce|consume|lock|hold|pool|grab ...");
  const char* what = argv[3];
  const int is_buffer = strcmp(what, "produce") == 0 || strcmp(what, "consume") == 0;
  CLIENT* client = create(argv[1], argv[2], is_buffer ? BUFFER : LOCKS);
  say("connected", 1);
  if (strcmp(what, "produce") == 0 && argc == 6) produce(client, atoi(argv[4]), atoi(argv[5]));
  if (strcmp(what, "consume") == 0) consume(client, atoi(argv[4]));
  if (strcmp(what, "lock") == 0 && argc == 7) lock(client, argv[4], atoi(argv[5]), argv[6]);
  if (strcmp(what, "pool") == 0 && argc == 6) {
    use_pool(client, (u_int)atoi(argv[4]), atoi(argv[5]));
  }
  if (strcmp(what, "hold") == 0) {
    acquire(client, argv[4]);
    say("held", 1);
    for (;;) pause();
  }
  if (strcmp(what, "grab") == 0) {
    u_int ticket = 0;
    must(take_1((u_int)atoi(argv[4]), &ticket, client), "take");
    say("held", 1);
    for (;;) pause();
  }
  clnt_destroy(client);
  say("done", 1);
  return 0;
}
