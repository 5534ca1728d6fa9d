/* What the C side of a conformance test offers to the C++ side: rpcgen's routine for each type. */
#ifndef TRYST_TESTS_ROUTINES_H
#define TRYST_TESTS_ROUTINES_H

#include <rpc/rpc.h>
#include <stddef.h>

/* A type of the .x, the size of its C form, and the routine that codes it. */
struct routine {
  const char* type;
  size_t size;
  xdrproc_t code;
};

#endif
