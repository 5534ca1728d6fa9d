#!/usr/bin/env python3
"""Compiles one source and says what that took: processor seconds and the largest resident set.

Fails when the compiler fails or takes more than it may. The processor time is limited by the
kernel, the memory is measured, so a busy machine changes nothing.
"""

import argparse
import resource
import subprocess
import sys


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=int, required=True)
    parser.add_argument("--megabytes", type=int, required=True)
    parser.add_argument("command", nargs="+")
    options = parser.parse_args()

    def limit_processor_time():
        resource.setrlimit(resource.RLIMIT_CPU, (options.seconds, options.seconds))

    compiled = subprocess.run(options.command, preexec_fn=limit_processor_time)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = used.ru_utime + used.ru_stime
    megabytes = used.ru_maxrss / 1024
    print(f"{options.command[0]}: {seconds:.1f} s of processor time, {megabytes:.0f} MB")
    if compiled.returncode != 0:
        sys.exit(f"the compiler ended with {compiled.returncode}")
    if megabytes > options.megabytes:
        sys.exit(f"more than {options.megabytes} MB")


main()
