#!/usr/bin/env python3
"""compare.py BUILD_FOLDER [ROUNDS]: tryst-rpcbind beside Debian's rpcbind, in turn, each in a network
of its own with 200 registrations: lookups and lists a second, and memory before the first of them.
Needs root, and Debian's rpcbind."""
import statistics
import subprocess
import sys

SETUP = r"""
set -e
mount --make-rprivate /; mount -t tmpfs tmpfs /run; mkdir -p /run/rpcbind; ip link set lo up
"$@" >/dev/null & binder=$!
for ((i = 0; i < 500; ++i)); do rpcinfo -T local '' 100000 4 >/dev/null 2>&1 && break; sleep 0.02; done
rpcinfo >/dev/null; rpcinfo -u 127.0.0.1 100000 4 >/dev/null
awk '/^VmRSS/ {print "rss-kB", $2, 0}' /proc/$binder/status
awk '/^Private_/ {kB += $2} END {print "private-kB", kB, 0}' /proc/$binder/smaps
"$LOAD" 1000
kill $binder
"""


def run(command, load):
    output = subprocess.run(["unshare", "-n", "-m", "bash", "-c", SETUP, "bash", *command], check=True,
                            env={"LOAD": load, "PATH": "/usr/sbin:/usr/bin:/sbin:/bin"},
                            capture_output=True, text=True).stdout
    return {words[0]: (float(words[1]), float(words[2])) for words in map(str.split, output.splitlines())}


def main():
    build = sys.argv[1]
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 3
    load = build + "/benchmarks/binder/binder_load"
    binders = {"tryst-rpcbind": [build + "/daemons/tryst-rpcbind/tryst-rpcbind"], "rpcbind": ["rpcbind", "-f"]}
    seen = {name: [] for name in binders}
    for _ in range(rounds):
        for name, command in binders.items():
            seen[name].append(run(command, load))
    print("| what | tryst-rpcbind | rpcbind | ratio |\n|---|---|---|---|")
    for what in seen["rpcbind"][0]:
        ours, theirs = (statistics.median(r[what][0] for r in seen[name]) for name in binders)
        print("| %s | %.0f | %.0f | %.2f |" % (what, ours, theirs, ours / theirs))


if __name__ == "__main__":
    main()
