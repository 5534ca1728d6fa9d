#!/usr/bin/env python3
"""The XDR table out of xdr_table's JSON: medians of the repetitions, ratios, and what must hold.

  xdr_table --benchmark_format=json --benchmark_repetitions=5 | summarise.py
"""

import json
import statistics
import sys

# (operation, message, what tryst is compared with, at most this many times as long)
MUST = [
    *[("encode", m, "hand", 1.2)
      for m in ("small", "fattr3", "1000 x {u32, string}", "list of 1000")],
    *[("decode", m, "hand", 1.15)
      for m in ("small", "fattr3", "1000 x {u32, string}", "list of 1000")],
    *[("view", m, "hand", 1.3) for m in ("small", "1000 x {u32, string}", "list of 1000",
                                         "1 MiB opaque")],
    *[(o, m, "memcpy", 1.05) for o in ("encode", "decode again")
      for m in ("1e6 u32", "1e6 double", "1 MiB opaque")],
    *[(o, "4096 u32", "shuffle", 1.3) for o in ("encode", "decode again")],
]


def medians(report):
    runs = {}
    for run in report["benchmarks"]:
        if run.get("run_type") == "aggregate":
            continue
        if run.get("error_occurred"):
            sys.exit(f"{run['name']}: {run['error_message']}")
        operation, message, codec = run["run_name"].split("/")
        runs.setdefault((operation, message, codec), []).append(run["cpu_time"])
    return {key: statistics.median(times) for key, times in runs.items()}


def shown(ns):
    return f"{ns:.1f} ns" if ns < 1000 else f"{ns / 1000:.1f} us"


def main():
    took = medians(json.load(sys.stdin))
    print("| operation | message | limit | | tryst | libtirpc | must | |")
    print("|---|---|---|--:|--:|--:|--:|---|")
    for operation, message, limit, most in MUST:
        ours, theirs = (took.get((operation, message, codec)) for codec in ("tryst", limit))
        if ours is None or theirs is None:
            continue
        ratio = ours / theirs
        tirpc = took.get((operation, message, "libtirpc"))
        beside = f"{shown(tirpc)} ({tirpc / theirs:.1f}x)" if tirpc else "-"
        print(f"| {operation} | {message} | {limit} | {shown(theirs)} | {shown(ours)} "
              f"({ratio:.2f}x) | {beside} | {most}x | {'PASS' if ratio <= most else 'short'} |")


if __name__ == "__main__":
    main()
