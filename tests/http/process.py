#!/usr/bin/env python3
"""process.py: workers and masters that come and go under load; prints TAP lines.

	process.py reload URL MASTER NGINX   settings read again, twice each; no request fails
	process.py kill   URL MASTER         workers killed; only the requests in their hands fail
	process.py loop   MASTER             workers that die young are started ever more slowly
	process.py restart URL PROGRAM LISTENER LOG   the program ended and started again; none fails
"""
import os
import signal
import socket
import subprocess
import sys
import threading
import time

from tap import end, ok
from wire import Broken, Wire


class Load:
    """Clients that ask without a pause; what went wrong, and the longest wait."""

    def __init__(self, clients=6):
        self.is_over, self.count, self.bad, self.longest_s = False, 0, [], 0.0
        self.threads = [threading.Thread(target=self.client) for _ in range(clients)]
        for thread in self.threads:
            thread.start()

    def client(self):
        wire = Wire(os.path.basename(sys.argv[2].rstrip("/")))
        while not self.is_over:
            started = time.monotonic()
            try:
                status = wire.ask("GET", "/session").status
            except (Broken, OSError, ValueError) as error:
                status = error
                wire.close()
            self.longest_s = max(self.longest_s, time.monotonic() - started)
            self.count += 1
            if status != 200:
                self.bad.append((time.monotonic(), status))

    def end(self):
        self.is_over = True
        for thread in self.threads:
            thread.join()


def workers(master):
    with open(f"/proc/{master}/task/{master}/children", encoding="ascii") as pids:
        return [int(pid) for pid in pids.read().split()]


def until(seconds, condition):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.01)
    return False


def reload(master, nginx):
    load = Load()
    for _ in range(2):
        old = set(workers(master))
        os.kill(master, signal.SIGHUP)
        ok(until(15, lambda: len(workers(master)) == len(old) and not old & set(workers(master))),
           "all workers are replaced under load", old, workers(master))
        old = set(workers(nginx))
        os.kill(nginx, signal.SIGHUP)
        ok(until(15, lambda: workers(nginx) and not old & set(workers(nginx))),
           "nginx reads its site again under load")
    load.end()
    ok(not load.bad and load.count > 200, f"none of {load.count} requests failed, the longest took "
       f"{load.longest_s * 1000:.0f} ms", load.count, load.bad[:5])


def kill(master):
    count, killed, slowest_s = len(workers(master)), 0, 0.0
    load = Load()
    for turn in range(4):
        victim = workers(master)[turn % count]
        started = time.monotonic()
        os.kill(victim, signal.SIGKILL)
        killed += 1
        until(5, lambda: victim not in workers(master) and len(workers(master)) == count)
        slowest_s = max(slowest_s, time.monotonic() - started)
        time.sleep(1.1)  # who dies younger than a second is taken for a crash loop
    load.end()
    ok(len(load.bad) <= killed and all(status == 502 for _, status in load.bad),
       f"{killed} kills, {len(load.bad)} of {load.count} requests failed: those in their hands",
       load.bad[:9])
    ok(slowest_s < 1, f"a worker was back after {slowest_s * 1000:.0f} ms at most")


def loop(master):
    """One worker dies again and again; the pauses grow, the other one lives."""
    first = workers(master)
    keep, victim, pauses = first[0], first[1], []
    for _ in range(5):
        os.kill(victim, signal.SIGKILL)
        started = time.monotonic()
        until(20, lambda: victim not in workers(master))
        until(20, lambda: len(workers(master)) == 2)
        pauses.append(time.monotonic() - started)
        victim = [pid for pid in workers(master) if pid != keep][0]
    ok(pauses[-1] > 0.5 and pauses[-1] > 3 * pauses[1],
       "who dies young waits longer each time: " + " ".join(f"{p * 1000:.0f}" for p in pauses),
       pauses)
    ok(keep in workers(master), "the other worker lives")


class Supervisor:
    """The other end of NOTIFY_SOCKET."""

    def __init__(self, path):
        self.path, self.heard = path, []
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(path)
        self.socket.setblocking(False)

    def listen(self):
        try:
            while True:
                self.heard += self.socket.recv(4096).decode().split("\n")
        except BlockingIOError:
            return self.heard

    def hears(self, seconds, word):
        return until(seconds, lambda: word in self.listen())


def restart(program, path, log):
    """As systemd does it: the socket stays, what listens on it goes and comes."""
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(path)
    os.chmod(path, 0o660)
    listener.listen(512)
    supervisor = Supervisor(path + ".notify")

    def start():
        environment = {**os.environ, "NOTIFY_SOCKET": supervisor.path, "WATCHDOG_USEC": "200000"}
        return subprocess.Popen([program, "--workers", "2"], stdin=listener, env=environment,
                                stderr=open(log, "ab"))

    web = start()
    ok(supervisor.hears(10, "READY=1"), "the supervisor hears that it is ready", supervisor.heard)
    count = supervisor.heard.count("WATCHDOG=1")
    ok(until(5, lambda: supervisor.listen().count("WATCHDOG=1") >= count + 5),
       "and that it lives", supervisor.heard)
    supervisor.heard = []
    web.send_signal(signal.SIGHUP)
    ok(supervisor.hears(10, "READY=1") and "RELOADING=1" in supervisor.heard and
       any(w.startswith("MONOTONIC_USEC=") for w in supervisor.heard),
       "that it reads its settings again, and is ready again", supervisor.heard)
    load = Load()
    for _ in range(3):
        supervisor.heard = []
        web.send_signal(signal.SIGTERM)
        ok(web.wait(30) == 0 and supervisor.hears(1, "STOPPING=1"), "it ends and says so",
           supervisor.heard)
        web = start()
        ok(supervisor.hears(10, "READY=1"), "and is there again")
        time.sleep(0.2)
    load.end()
    ok(not load.bad and load.count > 100, f"none of {load.count} requests failed, the longest took "
       f"{load.longest_s * 1000:.0f} ms", load.count, load.bad[:5])
    supervisor.heard = []
    os.kill(web.pid, signal.SIGSTOP)
    supervisor.listen()
    supervisor.heard = []
    ok(not until(0.5, lambda: "WATCHDOG=1" in supervisor.listen()),
       "a program that hangs is heard of no more")
    os.kill(web.pid, signal.SIGCONT)
    web.terminate()
    web.wait(30)


what, rest = sys.argv[1], sys.argv[2:]
if what == "reload":
    reload(int(rest[1]), int(rest[2]))
elif what == "kill":
    kill(int(rest[1]))
elif what == "loop":
    loop(int(rest[0]))
else:
    restart(rest[1], rest[2], rest[3])
end()
