#!/usr/bin/env python3
"""compare.py BUILD_FOLDER [ROUNDS [MILLISECONDS]]: what a rendezvous costs in tryst, Ada (GNAT), Go and by hand, in turn,
each on one core: nanoseconds of one operation, the median of the rounds, and its ratio to a call to a coroutine
behind a mutex and a queue."""
import statistics
import subprocess
import sys

ROWS = [
    ("coroutine-queue", "a coroutine behind a mutex and a queue"),
    ("mutex", "an uncontended std::mutex"),
    ("one-arm", "call, one arm"),
    ("four-arms", "call, four guarded arms"),
    ("confined-one-arm", "call of a confined module, one arm"),
    ("confined-four-arms", "the same, four guarded arms"),
    ("such-that-0", "call, a guard over the argument"),
    ("such-that-100", "the same, 100 refused calls queued"),
    ("such-that-1000", "the same, 1000 refused calls queued"),
    ("such-that-args-1000", "the same, with a guard that looks at arguments only"),
    ("by", "call, a scheduling expression"),
    ("buffer-1-1", "an item through a bounded buffer, 1 producer, 1 consumer"),
    ("buffer-4-4", "the same, 4 and 4"),
    ("thread-caller", "a thread calls a process of a loop (by hand: two condition variables)"),
    ("thread-pair", "a thread calls, a thread services"),
    ("atomic-wait", "by hand: a thread calls by atomic wait and notify"),
    ("passive", "serve(): the caller runs the body (Ada: protected entry)"),
    ("monitor", "call of a monitor (Ada: protected procedure; Go: sync.Mutex)"),
    ("semaphore", "P and V (Go: a channel with room)"),
    ("process", "a process for each send (Go: a goroutine)"),
]
SYSTEMS = ["tryst", "ada", "go", "base"]


def main():
    build = sys.argv[1] + "/benchmarks/rendezvous/rendezvous_"
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 5
    window = sys.argv[3] if len(sys.argv) > 3 else "200"
    took = {}
    for _ in range(rounds):
        for row, _ in ROWS:
            for system in SYSTEMS:
                done = subprocess.run(["taskset", "-c", "0", build + system, row, window], capture_output=True, text=True)
                if done.returncode == 0:
                    took.setdefault((row, system), []).append(float(done.stdout))
    base = statistics.median(took["coroutine-queue", "base"])
    print("| operation | tryst ns | Ada | Go | by hand |\n|---|--:|--:|--:|--:|")
    for row, title in ROWS:
        cells = []
        for system in SYSTEMS:
            figures = took.get((row, system))
            cells.append("%.0f (%.2fx)" % (statistics.median(figures), statistics.median(figures) / base) if figures else "-")
        print("| %s | %s |" % (title, " | ".join(cells)))


if __name__ == "__main__":
    main()
