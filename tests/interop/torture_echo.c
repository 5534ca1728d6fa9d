#include "torture_echo.h"

/* What rpcgen's dispatch table (-t) is made of. The handlers are not wanted. */
struct rpcgen_table {
  char* (*handler)();
  xdrproc_t argument;
  unsigned argument_size;
  xdrproc_t result;
  unsigned result_size;
};
#define RPCGEN_ACTION(handler) 0
#include "torture_tbl.i"

const struct echo_procedure* find_echo_procedure(unsigned long number) {
  static struct echo_procedure found;
  if (number >= sizeof torture_prog_1_table / sizeof *torture_prog_1_table) return NULL;
  found.routine = torture_prog_1_table[number].argument;
  found.size = torture_prog_1_table[number].argument_size;
  return &found;
}
