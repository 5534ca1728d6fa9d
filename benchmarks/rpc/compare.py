#!/usr/bin/env python3
"""Compares tryst with libtirpc and with the same bytes written by hand, in one run.

The unit is CPU time per call, client and server together, both pinned to one core: what
/proc/PID/task/*/schedstat says of the two processes over a window of a closed loop that has warmed
up. In each repetition all systems take their turn; a figure is the median of the repetitions, a
ratio is that of two medians of this run. docs/performance.md says why.
"""

import argparse
import glob
import json
import mmap
import os
import platform
import re
import signal
import socket
import statistics
import struct
import subprocess
import sys
import tempfile
import time

SYSTEMS = {  # name: (server, client)
    "raw": ("raw_server", "raw_client"),
    "libtirpc": ("tirpc_server", "tirpc_client"),
    "tryst": ("tryst_server", "tryst_client"),
    # The same server under the hand-written client: which of tryst's sides costs what.
    "tryst+raw": ("tryst_server", "raw_client"),
}


class Workload:
    def __init__(self, key, title, must, transport="tcp", connections=1, outstanding=1, payload=0,
                 floor=None):
        self.key, self.title, self.must, self.transport = key, title, must, transport
        self.connections, self.outstanding, self.payload = connections, outstanding, payload
        self.floor = floor  # at least this many times faster than libtirpc's server

    def program(self, name):
        return name.replace("raw_", "raw_udp_") if self.transport == "udp" else name

    def server(self, system):
        return self.program(SYSTEMS[system][0])

    def client(self, system):
        """libtirpc's client has one call outstanding on one connection."""
        one = self.connections == 1 and self.outstanding == 1
        raw = system == "libtirpc" and not one
        return self.program("raw_client" if raw else SYSTEMS[system][1])


WORKLOADS = [
    Workload("W1", "one outstanding, TCP", 1.20),
    Workload("W1-unix", "one outstanding, UNIX socket", 1.20, transport="unix"),
    Workload("W1-udp", "one outstanding, UDP", 1.20, transport="udp"),
    Workload("W2-udp", "64 outstanding, UDP", 1.50, transport="udp", outstanding=64, floor=5),
    Workload("W2a", "64 outstanding", 2.0, outstanding=64, floor=5),
    Workload("W2b", "1024 outstanding", 4.0, outstanding=1024),
    Workload("W3", "1000 connections, one outstanding each", 1.20, connections=1000),
    Workload("W4a", "64 KiB echo", 1.20, payload=64 << 10),
    Workload("W4b", "1 MiB echo", 1.05, payload=1 << 20),
]
W3_MEMORY_MUST = 16 << 20
IDLE_CONNECTION_MUST = 8 << 10


def cpu_ns(pid):
    total = 0
    for path in glob.glob(f"/proc/{pid}/task/*/schedstat"):
        with open(path) as file:
            total += int(file.read().split()[0])
    return total


def resident_bytes(pid):
    with open(f"/proc/{pid}/status") as file:
        return int(re.search(r"VmRSS:\s+(\d+) kB", file.read())[1]) << 10


class Counter:
    """A 64-bit number in a file that the program under test adds to."""

    def __init__(self, folder, name):
        self.path = os.path.join(folder, name)
        with open(self.path, "wb") as file:
            file.write(bytes(8))
        with open(self.path, "r+b") as file:
            self.map = mmap.mmap(file.fileno(), 8)

    def value(self):
        return struct.unpack("Q", self.map[:8])[0]


class Program:
    """A server or a client, pinned to a core, that has said READY."""

    def __init__(self, path, *arguments, core=0):
        def pin():
            if core is not None:
                os.sched_setaffinity(0, {core})

        self.process = subprocess.Popen([path, *map(str, arguments)], stdout=subprocess.PIPE,
                                        text=True, preexec_fn=pin)
        self.pid = self.process.pid
        self.where = self.expect("READY")

    def expect(self, word):
        line = self.process.stdout.readline().split()
        if not line or line[0] != word:
            raise RuntimeError(f"{self.process.args[0]} did not say {word}")
        return line[1] if len(line) > 1 else ""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()


class Comparison:
    def __init__(self, given, folder):
        self.given, self.folder = given, folder
        self.runs = 0

    def path(self, name):
        return os.path.join(self.given.programs, name)

    def available(self):
        return [s for s in SYSTEMS if all(os.path.exists(self.path(p)) for p in SYSTEMS[s])
                and (self.given.systems is None or s in self.given.systems)]

    def server(self, name, transport="tcp", *arguments):
        self.runs += 1
        where = (f"unix:{self.folder}/{self.runs}" if transport == "unix"
                 else f"{transport}://127.0.0.1:0")
        return Program(self.path(name), "--listen", where, *arguments)

    def run_once(self, workload, system):
        calls = Counter(self.folder, "calls")
        allocations = Counter(self.folder, "allocations")
        count = ["--allocations", allocations.path] if system.startswith("tryst") else []
        server = self.server(workload.server(system), workload.transport, *count)
        with server, Program(self.path(workload.client(system)), "--connect", server.where,
                             "--connections", workload.connections,
                             "--outstanding", workload.outstanding,
                             "--payload", workload.payload, "--counter", calls.path) as client:
            def snapshot():
                return (calls.value(), cpu_ns(server.pid), cpu_ns(client.pid), allocations.value(),
                        time.monotonic_ns())

            time.sleep(self.given.warm_up)
            before = snapshot()
            time.sleep(self.given.window)
            after = snapshot()
            made, in_server, in_client, allocated, wall = (
                b - a for a, b in zip(before, after))
            if made == 0 or client.process.poll() is not None:
                raise RuntimeError(f"{system} made no calls in {workload.key}")
            run = {"cpu_us": (in_server + in_client) / made / 1e3,
                   "server_us": in_server / made / 1e3, "client_us": in_client / made / 1e3,
                   "calls_per_s": made / wall * 1e9, "server_rss": resident_bytes(server.pid)}
            if count:
                run["allocations"] = allocated / made
            if self.given.syscalls:
                run["server_syscalls"] = self.system_calls(server.pid, calls)
                run["client_syscalls"] = self.system_calls(client.pid, calls)
            return run

    def system_calls(self, pid, calls):
        """By name and per call; strace slows batching down, so these are upper bounds."""
        out = os.path.join(self.folder, "strace")
        trace = subprocess.Popen(["strace", "-c", "-f", "-o", out, "-p", str(pid)],
                                 stderr=subprocess.DEVNULL)
        time.sleep(0.3)
        before = calls.value()
        time.sleep(0.5)
        made = calls.value() - before
        trace.send_signal(signal.SIGINT)
        trace.wait()
        per_call = {}
        with open(out) as file:
            for line in file:
                row = line.split()
                if len(row) >= 5 and row[3].isdigit() and row[-1] != "total":
                    # strace was at work for longer than the counted half second
                    per_call[row[-1]] = int(row[3]) * 0.5 / 0.8 / max(made, 1)
        return {name: round(n, 3) for name, n in per_call.items() if n >= 0.005}

    def run_workload(self, workload):
        runs = {system: [] for system in self.available()}
        for _ in range(self.given.repetitions):
            for system, results in runs.items():
                results.append(self.run_once(workload, system))
                self.progress(workload, system, results[-1])
        medians = {}
        for system, results in runs.items():
            medians[system] = {key: statistics.median(r[key] for r in results)
                               for key, value in results[0].items() if not isinstance(value, dict)}
            for key, value in results[0].items():
                if isinstance(value, dict):
                    medians[system][key] = value
            medians[system]["runs_us"] = [round(r["cpu_us"], 5) for r in results]
        for result in medians.values():
            if "raw" in medians:
                result["ratio"] = result["cpu_us"] / medians["raw"]["cpu_us"]
        return medians

    def progress(self, workload, system, run):
        if not self.given.quiet:
            print(f"  {workload.key:8} {system:18} {run['cpu_us']:10.4f} us/call"
                  f"  (server {run['server_us']:.4f}, client {run['client_us']:.4f})",
                  file=sys.stderr, flush=True)

    def idle_connection(self, system):
        """Bytes of the server's memory for a connection that made one call and rests."""
        with self.server(SYSTEMS[system][0]) as server:
            with Program(self.path("raw_client"), "--connect", server.where, "--calls", 1) as first:
                first.expect("READY")
                before = resident_bytes(server.pid)
                many = 2000
                with Program(self.path("raw_client"), "--connect", server.where, "--connections",
                             many, "--calls", many) as client:
                    client.expect("READY")
                    time.sleep(0.2)
                    return (resident_bytes(server.pid) - before) / many

    def latency(self, where):
        done = subprocess.run(
            ["taskset", "-c", "0", self.path("raw_client"), "--connect", where, "--latency", "1"],
            stdout=subprocess.PIPE, text=True, check=True)
        return json.loads(done.stdout.splitlines()[-1])

    def stalls(self, system):
        """p99 of a call while another peer stalls, over p99 without one (medians)."""
        ratios = {}
        with self.server(SYSTEMS[system][0]) as server:
            rows = {"no peer": [], **{name: [] for name in STALLS}}
            for _ in range(self.given.repetitions):
                rows["no peer"].append(self.latency(server.where))
                for name, stall in STALLS.items():
                    with socket.create_connection(("127.0.0.1",
                                                   int(server.where.rsplit(":", 1)[1]))) as peer:
                        stall(peer)
                        time.sleep(0.1)
                        rows[name].append(self.latency(server.where))
            p99 = {name: statistics.median(r["p99_us"] for r in results)
                   for name, results in rows.items()}
            for name in STALLS:
                ratios[name] = {"p99_us": p99[name], "alone_us": p99["no peer"],
                                "ratio": p99[name] / p99["no peer"]}
        return ratios


def call_bytes(count):
    body = struct.pack(">10I", 0, 0, 2, 0x20000b3c, 1, 1, 0, 0, 0, 0) + struct.pack(">2I", 1, 2)
    return (struct.pack(">I", 0x80000000 | len(body)) + body) * count


def never_reads(peer):
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    peer.settimeout(0.2)
    calls = call_bytes(1000)
    try:
        for _ in range(10000):
            peer.sendall(calls)
    except (TimeoutError, ConnectionError):
        pass


STALLS = {
    "half a record mark": lambda peer: peer.sendall(b"\x80\x00"),
    "claims 1 GiB": lambda peer: peer.sendall(b"\xc0\x00\x00\x00" + bytes(100)),
    "never reads": never_reads,
}


def own_network(given):
    """In a network namespace of its own the congestion control is ours to choose."""
    if os.environ.get("TRYST_BENCH_NETWORK") != "own":
        for how in (["unshare", "--net"], ["unshare", "--net", "--map-root-user"]):
            probe = subprocess.run([*how, "true"], stderr=subprocess.DEVNULL)
            if probe.returncode == 0:
                os.environ["TRYST_BENCH_NETWORK"] = "own"
                os.execvp(how[0], [*how, sys.executable, *sys.argv])
    else:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
            import fcntl
            fcntl.ioctl(any_socket, 0x8914, struct.pack("16sh14x", b"lo", 0x41))  # SIOCSIFFLAGS: up
        with open("/proc/sys/net/ipv4/tcp_congestion_control", "w") as file:
            file.write(given.congestion_control)
    with open("/proc/sys/net/ipv4/tcp_congestion_control") as file:
        return file.read().strip()


def machine():
    with open("/proc/cpuinfo") as file:
        model = re.search(r"model name\s*: (.*)", file.read())
    return {"cpu": model[1] if model else platform.machine(), "cores": os.cpu_count(),
            "kernel": platform.release(), "date": time.strftime("%Y-%m-%d")}


def verdict(good):
    return "PASS" if good else "short"


def table(report):
    """The rows as Markdown, which is also readable as it stands."""
    lines = ["| workload | raw us | libtirpc | tryst | must | |", "|---|--:|--:|--:|--:|---|"]
    for workload in WORKLOADS:
        result = report["workloads"].get(workload.key)
        if result is None:
            continue

        def cell(system):
            if system not in result:
                return "-"
            ratio = f" ({result[system]['ratio']:.2f}x)" if "raw" in result else ""
            star = "*" if system == "libtirpc" and workload.client(system).startswith("raw") else ""
            return f"{result[system]['cpu_us']:.3g}{ratio}{star}"

        ours = result.get("tryst", {})
        good = verdict(ours["ratio"] <= workload.must) if "ratio" in ours else ""
        lines.append(f"| {workload.key} {workload.title} | {cell('raw')} | {cell('libtirpc')} | "
                     f"{cell('tryst')} | {workload.must:.2f}x | {good} |")
        if workload.key == "W3" and ours:
            rss = {s: f"{result[s]['server_rss'] / 2**20:.1f} MiB" for s in result}
            lines.append(f"| W3 server's memory | {rss.get('raw', '-')} | "
                         f"{rss.get('libtirpc', '-')} | {rss['tryst']} | 16 MiB | "
                         f"{verdict(ours['server_rss'] <= W3_MEMORY_MUST)} |")
        if "tryst" in result and "libtirpc" in result:
            times = result["libtirpc"]["server_us"] / ours["server_us"]
            if workload.floor:
                lines.append(f"| {workload.key} server side alone: times libtirpc's server | | | "
                             f"{times:.1f} | {workload.floor} | {verdict(times >= workload.floor)} |")
            elif result["libtirpc"]["cpu_us"] < ours["cpu_us"]:
                lines.append(f"| {workload.key} against libtirpc | | | slower | never | short |")
    idle = report.get("idle_connection_bytes")
    if idle:
        def kib(system):
            return f"{idle[system] / 1024:.1f} KiB" if system in idle else "-"

        good = verdict(idle["tryst"] <= IDLE_CONNECTION_MUST) if "tryst" in idle else ""
        lines.append(f"| idle connection | {kib('raw')} | {kib('libtirpc')} | {kib('tryst')} | "
                     f"8 KiB | {good} |")
    allocations = report["workloads"].get("W1", {}).get("tryst", {}).get("allocations")
    if allocations is not None:
        lines.append(f"| heap allocations per call, server | | | {allocations:.3f} | 0 | "
                     f"{verdict(allocations < 0.001)} |")
    for name, stall in report.get("stalls", {}).get("tryst", {}).items():
        lines.append(f"| p99 while a peer {name.replace('half', 'has sent half')} | "
                     f"{report['stalls'].get('raw', {}).get(name, {}).get('ratio', 0):.2f}x alone | "
                     f"| {stall['ratio']:.2f}x alone ({stall['p99_us']:.0f} us) | | |")
    return "\n".join(lines)


def system_call_table(report):
    lines = ["| system calls per call | server | client |", "|---|---|---|"]
    for key, result in report["workloads"].items():
        for system, row in result.items():
            if "server_syscalls" in row:
                def text(counts):
                    parts = [f"{n} {c:.2f}" for n, c in sorted(counts.items(), key=lambda x: -x[1])]
                    return ", ".join(parts) + f" = {sum(counts.values()):.2f}"

                lines.append(f"| {key} {system} | {text(row['server_syscalls'])} | "
                             f"{text(row['client_syscalls'])} |")
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--programs", required=True, help="the folder of the built programs")
    parser.add_argument("--repetitions", type=int, default=5)
    parser.add_argument("--window", type=float, default=0.7, help="seconds measured")
    parser.add_argument("--warm-up", type=float, default=0.2, help="seconds before them")
    parser.add_argument("--workloads", help="W1,W2a,...: only these")
    parser.add_argument("--systems", type=lambda s: s.split(","), help="raw,tryst,...: only these")
    parser.add_argument("--congestion-control", default="reno")
    parser.add_argument("--syscalls", action="store_true", help="count system calls with strace")
    parser.add_argument("--no-extras", action="store_true", help="no memory and no stalling peers")
    parser.add_argument("--json", help="write everything measured to this file")
    parser.add_argument("--quiet", action="store_true")
    given = parser.parse_args()
    report = {"machine": machine(), "congestion_control": own_network(given), "workloads": {},
              "repetitions": given.repetitions, "window_s": given.window}
    with tempfile.TemporaryDirectory() as folder:
        comparison = Comparison(given, folder)
        chosen = given.workloads.split(",") if given.workloads else None
        for workload in WORKLOADS:
            if chosen is None or workload.key in chosen:
                report["workloads"][workload.key] = comparison.run_workload(workload)
        if not given.no_extras:
            systems = [s for s in ("raw", "libtirpc", "tryst") if s in comparison.available()]
            report["idle_connection_bytes"] = {s: comparison.idle_connection(s) for s in systems}
            report["stalls"] = {s: comparison.stalls(s) for s in systems if s != "libtirpc"}
    if given.json:
        with open(given.json, "w") as file:
            json.dump(report, file, indent=1)
    where = report["machine"]
    print(f"{where['cpu']}, {where['cores']} cores, Linux {where['kernel']}, "
          f"{where['date']}; {report['congestion_control']}; CPU us per call, both sides on one "
          f"core, median of {given.repetitions} x {given.window} s\n")
    print(table(report))
    print("\n* libtirpc's client has one call outstanding: its server under the raw client.")
    if given.syscalls:
        print("\n" + system_call_table(report))


if __name__ == "__main__":
    main()
