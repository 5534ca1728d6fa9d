/* torture.x in C: each of its procedures returns what it was given, so that one routine of
   rpcgen's is all there is to know of it. */
#pragma once

#include <rpc/rpc.h>

#include "torture.h"

struct echo_procedure {
  xdrproc_t routine; /* of the argument, and of the result */
  size_t size;       /* of the C type */
};

/* Null: torture.x has no such procedure. */
const struct echo_procedure* find_echo_procedure(unsigned long number);
