/* A client of counters.x as stock C programs are made: it opens a counter, and invokes what it gets
   by the transient program that the capability names.

     stock_holder tcp|udp PORT COMMAND, where a command is one of

     - count: adds 1 to 6, by all forms of an invocation, and says "sum NUMBER"
     - pass_on: sends the capability back, for somebody else to add 21 twice
     - stop: ends the counter, and adds by all forms
     - overdraw: adds -1
     - wait: says "held 1", waits for SIGUSR1, and adds
     - lie: adds nothing; adds to something else; uses a form that there is not

   What is refused is told as "told REASON". */
#include <netconfig.h>

#include "bridge_peers/stock_calls.h"
#include "counters.h"

/* The procedures of a transient program. */
enum form { TO_CALL = 1, TO_SEND = 2, TO_TRY = 3 };

/* An operation that somebody gave us, and its program. */
struct held {
  unsigned long long object;
  CLIENT* program;
};

static struct held hold(const capability* given) {
  if (given->kind != CAPABILITY_OPERATION) give_up("that is no operation");
  const operation_name* of = &given->capability_u.operation;
  if (of->proc != TO_CALL || of->object == 0) give_up("the program is none for capabilities");
  struct netconfig* transport = getnetconfigent(of->netid);
  struct netbuf* where = transport == NULL ? NULL : uaddr2taddr(transport, of->address);
  if (where == NULL) give_up("that is no address");
  CLIENT* program = clnt_tli_create(RPC_ANYFD, transport, where, of->prog, of->vers, 0, 0);
  const struct held made_of = {of->object, made(program, of->netid)};
  wait_for(program, patience);
  free(where->buf);
  free(where);
  freenetconfigent(transport);
  return made_of;
}

static enum clnt_stat add_by(enum form form, struct held to, int number, xdrproc_t result_type,
                             void* result) {
  addition arguments = {to.object, number};
  return clnt_call(to.program, form, (xdrproc_t)xdr_addition, (caddr_t)&arguments, result_type,
                   (caddr_t)result, patience);
}

static enum clnt_stat add(struct held to, int number, int* sum) {
  return add_by(TO_CALL, to, number, (xdrproc_t)xdr_int, sum);
}

static enum clnt_stat send_add(struct held to, int number) {
  return add_by(TO_SEND, to, number, (xdrproc_t)xdr_void, NULL);
}

static enum clnt_stat try_add(struct held to, int number, sum_if_taken* result) {
  return add_by(TO_TRY, to, number, (xdrproc_t)xdr_sum_if_taken, result);
}

static void tell(enum clnt_stat why) { printf("told %s\n", clnt_sperrno(why)); }

static void count(struct held adder) {
  int sum = 0;
  for (int number = 1; number <= 4; ++number) {
    must(add(adder, number, &sum), "add");
    say("sum", sum);
  }
  must(send_add(adder, 5), "send");
  sum_if_taken last = {.taken = FALSE};
  while (!last.taken) must(try_add(adder, 6, &last), "try");
  say("sum", last.sum_if_taken_u.sum);
}

static void pass_on(CLIENT* client, counter* own) {
  int sum = 0;
  must(twice_1(own->add, 21, &sum, client), "twice");
  say("sum", sum);
}

static void add_when_stopped(struct held adder, const capability* stop) {
  const struct held stopper = hold(stop);
  unsigned long long object = stopper.object;
  must(clnt_call(stopper.program, TO_CALL, (xdrproc_t)xdr_u_quad_t, (caddr_t)&object,
                 (xdrproc_t)xdr_void, NULL, patience),
       "stop");
  clnt_destroy(stopper.program);
  int sum = 0;
  sum_if_taken result = {.taken = FALSE};
  tell(add(adder, 1, &sum));
  tell(send_add(adder, 1));
  tell(try_add(adder, 1, &result));
}

static void add_when_told(struct held adder) {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGUSR1);
  sigprocmask(SIG_BLOCK, &signals, NULL);
  say("held", 1);
  int which = 0;
  sigwait(&signals, &which);
  int sum = 0;
  tell(add(adder, 1, &sum));
}

static void lie(struct held adder) {
  int sum = 0;
  unsigned long long object = adder.object;
  tell(clnt_call(adder.program, TO_CALL, (xdrproc_t)xdr_u_quad_t, (caddr_t)&object,
                 (xdrproc_t)xdr_int, (caddr_t)&sum, patience));
  const struct held something_else = {adder.object + 1, adder.program};
  tell(add(something_else, 1, &sum));
  tell(add_by((enum form)4, adder, 1, (xdrproc_t)xdr_int, &sum));
}

int main(int argc, char** argv) {
  die_with_the_test();
  if (argc != 4) give_up("usage: stock_holder tcp|udp PORT COMMAND");
  const char* what = argv[3];
  CLIENT* client = create(argv[1], argv[2], COUNTERS);
  wait_for(client, patience);
  counter own;
  memset(&own, 0, sizeof own);
  must(open_1(&own, client), "open");
  struct held adder = hold(&own.add);
  if (is(what, "count")) count(adder);
  if (is(what, "pass_on")) pass_on(client, &own);
  if (is(what, "stop")) add_when_stopped(adder, &own.stop);
  if (is(what, "overdraw")) tell(add(adder, -1, &(int){0}));
  if (is(what, "wait")) add_when_told(adder);
  if (is(what, "lie")) lie(adder);
  xdr_free((xdrproc_t)xdr_counter, (char*)&own);
  clnt_destroy(adder.program);
  clnt_destroy(client);
  say("done", 1);
  return 0;
}
