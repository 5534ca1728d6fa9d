/* A client of store.x and locks.x as stock C programs are made: stubs by rpcgen, transport by
   libtirpc. The procedures wait in statements, conditions and semaphores of the server; it cannot
   know.

     stock_client tcp|udp PORT COMMAND, where a command is one of

     - produce FIRST COUNT: deposits numbers; the same by sends: put, drop (that is not answered)
     - consume COUNT: fetches, and says "got NUMBER" of each
     - lock NAME ROUNDS FILE: acquires and releases; while it has the lock it has made FILE, if that
       is not empty, which nobody else may find
     - hold NAME: acquires, says "held 1", and never releases
     - flood NAME COUNT: acquires; asks so many times again over the same connection, waiting for
       none of the answers; and releases
     - pool UNITS ROUNDS: takes units and gives them back
     - grab UNITS: takes units, says "held 1", and keeps them */
#include <fcntl.h>
#include <unistd.h>

#include "bridge_peers/stock_calls.h"
#include "locks.h"
#include "store.h"

static const struct timeval at_once = {0, 0};

static void produce(CLIENT* client, int first, int count) {
  char nothing;
  for (int i = 0; i < count; ++i) must(deposit_1(first + i, &nothing, client), "deposit");
}

static void put(CLIENT* client, int first, int count) {
  char nothing;
  for (int i = 0; i < count; ++i) must(put_1(first + i, &nothing, client), "put");
}

/* RFC 5531 section 8: over TCP such calls leave in a batch, which an ordinary one sends. Over UDP
   libtirpc sends nothing for a call that has no time. */
static void drop(CLIENT* client, int over_tcp, int first, int count) {
  const struct timeval soon = {0, over_tcp ? 0 : 1000};
  wait_for(client, soon);
  for (int i = 0; i < count; ++i) {
    int number = first + i;
    const enum clnt_stat sent =
        clnt_call(client, DROP, (xdrproc_t)xdr_int, (caddr_t)&number, NULL, NULL, soon);
    if (sent != RPC_TIMEDOUT) must(sent, "drop");
  }
  wait_for(client, patience);
  must(clnt_call(client, NULLPROC, (xdrproc_t)xdr_void, NULL, (xdrproc_t)xdr_void, NULL, patience),
       "null procedure");
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

static void flood(CLIENT* client, char* name, int count) {
  char nothing;
  const u_int ticket = acquire(client, name);
  wait_for(client, at_once);
  for (int i = 0; i < count; ++i) {
    u_int nobody_knows = 0;
    const enum clnt_stat sent = acquire_1(name, &nobody_knows, client);
    if (sent != RPC_TIMEDOUT) must(sent, "acquire again");
  }
  wait_for(client, patience);
  must(release_1(ticket, &nothing, client), "release");
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
  die_with_the_test();
  if (argc < 5) give_up("usage: stock_client tcp|udp PORT COMMAND ARGUMENT...");
  const char* what = argv[3];
  const int of_store =
      is(what, "produce") || is(what, "put") || is(what, "drop") || is(what, "consume");
  CLIENT* client = create(argv[1], argv[2], of_store ? STORE : LOCKS);
  wait_for(client, patience);
  say("connected", 1);
  const int number = atoi(argv[4]);
  const int second = argc > 5 ? atoi(argv[5]) : 0;
  if (is(what, "produce")) produce(client, number, second);
  if (is(what, "put")) put(client, number, second);
  if (is(what, "drop")) drop(client, is(argv[1], "tcp"), number, second);
  if (is(what, "consume")) consume(client, number);
  if (is(what, "lock") && argc == 7) lock(client, argv[4], second, argv[6]);
  if (is(what, "flood")) flood(client, argv[4], second);
  if (is(what, "pool")) use_pool(client, (u_int)number, second);
  if (is(what, "hold") || is(what, "grab")) {
    u_int ticket = 0;
    if (is(what, "hold")) ticket = acquire(client, argv[4]);
    if (is(what, "grab")) must(take_1((u_int)number, &ticket, client), "take");
    say("held", 1);
    for (;;) pause();
  }
  clnt_destroy(client);
  say("done", 1);
  return 0;
}
