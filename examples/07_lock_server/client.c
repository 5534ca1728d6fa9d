/* A client of the lock server, in C, by rpcgen:

     rpcgen -C -M -N locks.x
     cc -I/usr/include/tirpc client.c locks_clnt.c locks_xdr.c -ltirpc -o client
     ./client HOST PORT LOCK COMMAND...      runs the command while it has the lock */
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "locks.h"

int main(int argc, char** argv) {
  struct addrinfo* where = NULL;
  struct addrinfo tcp = {.ai_socktype = SOCK_STREAM};
  if (argc < 5 || getaddrinfo(argv[1], argv[2], &tcp, &where) != 0) return 2;
  struct netbuf server = {where->ai_addrlen, where->ai_addrlen, where->ai_addr};
  const int connection = socket(where->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (connect(connection, where->ai_addr, where->ai_addrlen) != 0) return 2;
  CLIENT* locks = clnt_vc_create(connection, &server, LOCKS, LOCKS_V1, 0, 0);
  if (locks == NULL) return 2;

  /* Waits in the server's input statement until the lock is free. If this process dies, it is. */
  u_int ticket = 0;
  const enum clnt_stat got = acquire_1(argv[3], &ticket, locks);
  if (got != RPC_SUCCESS) {
    fprintf(stderr, "%s: %s\n", argv[3], clnt_sperrno(got));
    return 1;
  }
  const pid_t child = fork();
  if (child == 0) {
    execvp(argv[4], argv + 4);
    _exit(127);
  }
  int status = 0;
  waitpid(child, &status, 0);
  release_1(ticket, NULL, locks);
  clnt_destroy(locks);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
