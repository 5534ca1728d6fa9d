/* A client as stock C programs are made: stubs by rpcgen, transport by libtirpc, no binder.

     peer_client tcp:PORT | tcp6:PORT | udp:PORT | udp6:PORT | unix:PATH | abstract:NAME COMMAND...

   runs each command over one connection and says in a line what came of it. */
#include <arpa/inet.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signal.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "peer.h"
#include "torture_echo.h"

static const struct timeval patience = {25, 0};
static const struct timeval at_once = {0, 0};

static void die(const char* what) {
  perror(what);
  exit(1);
}

static int begins_with(const char* text, const char* start) {
  return strncmp(text, start, strlen(start)) == 0;
}

/* A socket, connected if it is a stream, and where to. */
static int connect_to(const char* where, struct netbuf* peer) {
  static struct sockaddr_storage remote;
  memset(&remote, 0, sizeof remote);
  if (begins_with(where, "tcp:") || begins_with(where, "udp:")) {
    struct sockaddr_in* in = (struct sockaddr_in*)&remote;
    in->sin_family = AF_INET;
    in->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    in->sin_port = htons((unsigned short)atoi(where + 4));
    peer->len = sizeof *in;
  } else if (begins_with(where, "tcp6:") || begins_with(where, "udp6:")) {
    struct sockaddr_in6* in = (struct sockaddr_in6*)&remote;
    in->sin6_family = AF_INET6;
    in->sin6_addr = in6addr_loopback;
    in->sin6_port = htons((unsigned short)atoi(where + 5));
    peer->len = sizeof *in;
  } else {
    struct sockaddr_un* un = (struct sockaddr_un*)&remote;
    const int abstract = begins_with(where, "abstract:");
    const char* name = strchr(where, ':') + 1;
    un->sun_family = AF_UNIX;
    memcpy(un->sun_path + abstract, name, strlen(name));
    peer->len = (unsigned)(offsetof(struct sockaddr_un, sun_path) + (size_t)abstract +
                           strlen(name) + (abstract ? 0 : 1));
  }
  peer->buf = &remote;
  peer->maxlen = peer->len;
  if (begins_with(where, "udp")) return socket(remote.ss_family, SOCK_DGRAM, 0);
  const int connection = socket(remote.ss_family, SOCK_STREAM, 0);
  if (connect(connection, (struct sockaddr*)&remote, peer->len) != 0) die("connect");
  return connection;
}

/* An empty array that was received is NULL, which memcmp does not take. */
static int same_bytes(const void* a, const void* b, size_t size) {
  return size == 0 || memcmp(a, b, size) == 0;
}

/* What a failed call says, with the details that it brought. */
static void say_status(const char* what, CLIENT* client, enum clnt_stat status) {
  struct rpc_err error;
  memset(&error, 0, sizeof error);
  clnt_geterr(client, &error);
  switch (status) {
    case RPC_SUCCESS:
      printf("%s ok\n", what);
      break;
    case RPC_PROGVERSMISMATCH:
    case RPC_VERSMISMATCH:
      printf("%s mismatch %u %u\n", what, (unsigned)error.re_vers.low,
             (unsigned)error.re_vers.high);
      break;
    case RPC_AUTHERROR:
      printf("%s auth %d\n", what, (int)error.re_why);
      break;
    case RPC_PROGUNAVAIL:
      printf("%s prog_unavail\n", what);
      break;
    case RPC_PROCUNAVAIL:
      printf("%s proc_unavail\n", what);
      break;
    case RPC_CANTDECODEARGS:
      printf("%s garbage_args\n", what);
      break;
    case RPC_SYSTEMERROR:
      printf("%s system_err\n", what);
      break;
    default:
      printf("%s %s\n", what, clnt_sperrno(status));
  }
}

static enum clnt_stat call_nothing(CLIENT* client, unsigned long procedure) {
  return clnt_call(client, procedure, (xdrproc_t)xdr_void, NULL, (xdrproc_t)xdr_void, NULL,
                   patience);
}

static void add(CLIENT* client) {
  int sum = 0;
  const enum clnt_stat status = add_2((pair){2, 3}, &sum, client);
  if (status == RPC_SUCCESS) {
    printf("add %d\n", sum);
  } else {
    say_status("add", client, status);
  }
}

/* Calls one after the other; says how many of them brought the right sum. */
static void divide(CLIENT* client, int a, int b) {
  quotient result;
  memset(&result, 0, sizeof result);
  const enum clnt_stat status = divide_2(a, b, "nobody can", &result, client);
  if (status != RPC_SUCCESS) {
    say_status("divide", client, status);
  } else if (result.known) {
    printf("divide %d %d\n", result.quotient_u.parts.a, result.quotient_u.parts.b);
  } else {
    printf("divide: %s\n", result.quotient_u.why);
  }
  xdr_free((xdrproc_t)xdr_quotient, (char*)&result);
}

static void repeat(CLIENT* client, unsigned size) {
  payload sent = {size, malloc(size + 1)};
  payload got = {0, NULL};
  for (unsigned i = 0; i < size; ++i) sent.payload_val[i] = (char)(i * 7 + (i >> 8));
  const enum clnt_stat status = repeat_2(sent, &got, client);
  if (status != RPC_SUCCESS) {
    say_status("repeat", client, status);
  } else {
    const int same = got.payload_len == size && same_bytes(got.payload_val, sent.payload_val, size);
    printf("repeat %u %s\n", got.payload_len, same ? "same" : "other bytes");
  }
  xdr_free((xdrproc_t)xdr_payload, (char*)&got);
  free(sent.payload_val);
}

static void repeat_numbers(CLIENT* client, unsigned count) {
  numbers sent = {count, malloc((count + 1) * sizeof(int))};
  numbers got = {0, NULL};
  for (unsigned i = 0; i < count; ++i) sent.numbers_val[i] = (int)(i * 2654435761U);
  const enum clnt_stat status = repeat_numbers_2(sent, &got, client);
  if (status != RPC_SUCCESS) {
    say_status("numbers", client, status);
  } else {
    const int same = got.numbers_len == count &&
                     same_bytes(got.numbers_val, sent.numbers_val, count * sizeof(int));
    printf("numbers %u %s\n", got.numbers_len, same ? "same" : "other numbers");
  }
  xdr_free((xdrproc_t)xdr_numbers, (char*)&got);
  free(sent.numbers_val);
}

/* Calls without a wait and without a reply: libtirpc collects them until a call that waits. */
static void put(CLIENT* client, int count) {
  for (int i = 0; i < count; ++i) {
    const enum clnt_stat status =
        clnt_call(client, PUT, (xdrproc_t)xdr_int, (caddr_t)&i, (xdrproc_t)NULL, NULL, at_once);
    if (status != RPC_SUCCESS && status != RPC_TIMEDOUT) say_status("put", client, status);
  }
  int total = 0;
  const enum clnt_stat status = total_2(&total, client);
  if (status == RPC_SUCCESS) {
    printf("total %d\n", total);
  } else {
    say_status("total", client, status);
  }
}

static void who(CLIENT* client) {
  identity found;
  memset(&found, 0, sizeof found);
  const enum clnt_stat status = who_2(&found, client);
  if (status != RPC_SUCCESS) {
    say_status("who", client, status);
  } else {
    printf("who '%s' %d %d", found.machine, found.uid, found.gid);
    for (unsigned i = 0; i < found.groups.groups_len; ++i) {
      printf(" %d", found.groups.groups_val[i]);
    }
    printf("\n");
  }
  xdr_free((xdrproc_t)xdr_identity, (char*)&found);
}

/* ADD takes two ints: here it gets one, and four words. */
static void misfit(CLIENT* client) {
  identity four_words = {.machine = "", .uid = 1, .gid = 2};
  int one = 1;
  say_status("one", client,
             clnt_call(client, ADD, (xdrproc_t)xdr_int, (caddr_t)&one, (xdrproc_t)xdr_void, NULL,
                       patience));
  say_status("four", client,
             clnt_call(client, ADD, (xdrproc_t)xdr_identity, (caddr_t)&four_words,
                       (xdrproc_t)xdr_void, NULL, patience));
}

static void refuse(CLIENT* client, int how) {
  int nothing = 0;
  /* As an int, so that what is not in the enum can be asked for too. */
  const enum clnt_stat status = clnt_call(client, REFUSE, (xdrproc_t)xdr_int, (caddr_t)&how,
                                          (xdrproc_t)xdr_int, (caddr_t)&nothing, patience);
  say_status("refuse", client, status);
}

/* Every sample in a file, as (procedure, length, bytes): read by rpcgen's routine, sent, received,
   written again, compared. */
static void torture(CLIENT* client, const char* path) {
  FILE* file = fopen(path, "rb");
  if (file == NULL) die(path);
  unsigned head[2];
  unsigned calls = 0;
  while (fread(head, sizeof head, 1, file) == 1) {
    const unsigned number = ntohl(head[0]);
    const unsigned size = ntohl(head[1]);
    char* bytes = malloc(size + 1);
    char* again = calloc(1, size + 1);
    if (fread(bytes, 1, size, file) != size) die("fread");
    const struct echo_procedure* procedure = find_echo_procedure(number);
    void* sent = calloc(1, procedure->size + 1);
    void* got = calloc(1, procedure->size + 1);
    XDR in;
    XDR out;
    xdrmem_create(&in, bytes, size, XDR_DECODE);
    xdrmem_create(&out, again, size, XDR_ENCODE);
    if (!procedure->routine(&in, sent)) {
      printf("torture %u: rpcgen's routine does not read the sample\n", number);
    } else {
      const enum clnt_stat status = clnt_call(client, number, procedure->routine, (caddr_t)sent,
                                              procedure->routine, (caddr_t)got, patience);
      if (status != RPC_SUCCESS) {
        printf("torture %u: ", number);
        say_status("call", client, status);
      } else if (!procedure->routine(&out, got) || xdr_getpos(&out) != size ||
                 memcmp(bytes, again, size) != 0) {
        printf("torture %u: other bytes came back\n", number);
      } else {
        ++calls;
      }
    }
    xdr_free(procedure->routine, (char*)sent);
    xdr_free(procedure->routine, (char*)got);
    free(sent);
    free(got);
    free(bytes);
    free(again);
  }
  fclose(file);
  printf("torture %u calls\n", calls);
}

static void run(CLIENT* client, const char* command) {
  int a = 0;
  int b = 0;
  char text[256];
  if (strcmp(command, "null") == 0) {
    say_status("null", client, call_nothing(client, NULLPROC));
  } else if (strcmp(command, "add") == 0) {
    add(client);
  } else if (sscanf(command, "divide %d %d", &a, &b) == 2) {
    divide(client, a, b);
  } else if (sscanf(command, "repeat %d", &a) == 1) {
    repeat(client, (unsigned)a);
  } else if (sscanf(command, "numbers %d", &a) == 1) {
    repeat_numbers(client, (unsigned)a);
  } else if (sscanf(command, "put %d", &a) == 1) {
    put(client, a);
  } else if (strcmp(command, "misfit") == 0) {
    misfit(client);
  } else if (strcmp(command, "who") == 0) {
    who(client);
  } else if (sscanf(command, "refuse %d", &a) == 1) {
    refuse(client, a);
  } else if (sscanf(command, "procedure %d", &a) == 1) {
    say_status("procedure", client, call_nothing(client, (unsigned long)a));
  } else if (sscanf(command, "torture %255s", text) == 1) {
    torture(client, text);
  } else {
    printf("unknown command '%s'\n", command);
  }
}

/* Uses another program, or another version, from here on: over a connection of its own. */
static CLIENT* create(const char* where, unsigned long program, unsigned long version) {
  struct netbuf peer;
  const int connection = connect_to(where, &peer);
  const int datagrams = begins_with(where, "udp");
  CLIENT* client = datagrams ? clnt_dg_create(connection, &peer, program, version, 65000, 65000)
                             : clnt_vc_create(connection, &peer, program, version, 0, 0);
  if (client == NULL) {
    clnt_pcreateerror("clnt_create");
    exit(1);
  }
  /* Its own default is 15 s, for networks of another time. */
  struct timeval between_copies = {0, 100 * 1000};
  if (datagrams) clnt_control(client, CLSET_RETRY_TIMEOUT, (char*)&between_copies);
  clnt_control(client, CLSET_FD_CLOSE, NULL);
  return client;
}

static void destroy(CLIENT* client) {
  if (client->cl_auth != NULL) auth_destroy(client->cl_auth);
  clnt_destroy(client);
}

int main(int argc, char** argv) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (argc < 3) {
    fprintf(stderr,
            "usage: peer_client tcp:PORT|tcp6:PORT|udp:PORT|udp6:PORT|unix:PATH|abstract:NAME "
            "COMMAND...\n");
    return 2;
  }
  CLIENT* client = create(argv[1], PEER_PROG, PEER_V2);
  for (int i = 2; i < argc; ++i) {
    unsigned program = 0;
    unsigned version = 0;
    if (sscanf(argv[i], "use %x %u", &program, &version) == 2) {
      destroy(client);
      client = create(argv[1], program, version);
    } else if (strcmp(argv[i], "as sys") == 0) {
      gid_t groups[3] = {7, 8, 9};
      auth_destroy(client->cl_auth);
      client->cl_auth = authunix_create("workstation", 1001, 1002, 3, groups);
    } else {
      run(client, argv[i]);
    }
    fflush(stdout);
  }
  destroy(client);
  return 0;
}
