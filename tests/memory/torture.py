#!/usr/bin/env python3
"""torture.py: asks every route with the n-th allocation of its request failing; prints TAP lines.

	torture.py every URL ORDERS ROUTES   all of them
	torture.py alone URL ORDERS ROUTES   one worker: it is back within a second

ORDERS is the file of failmalloc.c. An answer is either the one that is given with memory enough, or
none at all: nginx's 502, or a connection that ends early. A change is made whole or not at all.
Of each route some n are tried, the first ones densely; the more, the more minutes CHECK_LONG gives.
"""
import contextlib
import mmap
import os
import re
import signal
import struct
import subprocess
import sys
import time
import urllib.parse

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "http"))
import walk  # noqa: E402
from cases import Case, ask, cases  # noqa: E402

# Allocations refused of a worker's first request, and of a later one, which has far fewer. There are
# hundreds of thousands in all; a hundred cases, some twelve points a second.
MINUTES = int(os.environ.get("CHECK_LONG", 0))
FRESH_POINTS, WARM_POINTS = (3 * MINUTES, 4 * MINUTES) if MINUTES > 1 else (3, 6)
NEVER = 1 << 40


class Orders:
    """What failmalloc.c reads and writes."""

    def __init__(self, path):
        with open(path, "r+b") as file:
            self.map = mmap.mmap(file.fileno(), 32)

    def arm(self, fail_at):
        self.map[:24] = struct.pack("qqq", 0, 0, 0)
        self.map[:8] = struct.pack("q", fail_at)

    def disarm(self):
        _, count, failed, pid = struct.unpack("qqqq", self.map[:])
        self.map[:8] = struct.pack("q", 0)
        return count, bool(failed), pid


class Psql:
    """One session for all statements: a process for each would be slow."""

    def __init__(self):
        self.process = subprocess.Popen(
            ["psql", "-XqAt", "-v", "ON_ERROR_STOP=1", os.environ["DATABASE_URL"]],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def __call__(self, text):
        self.process.stdin.write(text + ";\n\\echo ---\n")
        self.process.stdin.flush()
        lines = []
        while (line := self.process.stdout.readline()) != "---\n":
            if not line:
                raise SystemExit("Bail out! psql ended")
            lines.append(line.rstrip("\n"))
        return "\n".join(lines)


def plain(answer):
    """The answer without what is new in each."""
    status, headers, text = answer
    for name, value in headers:
        if name == "X-Request-Id":
            text = text.replace(value, "(request)")
    text = re.sub(r'(name="(?:csrf|idempotency_key)" value=")[^"]+', r"\1(new)", text)
    # How long something has taken or waits is another each time.
    text = re.sub(r'_ms":\d+', '_ms":(time)', text)
    text = re.sub(r"\d+(\.\d+)? ?(ms|s|min|seconds?|minutes?)\b", "(time)", text)
    kept = [(k, v) for k, v in headers if k in ("Content-Type", "Location", "Allow")]
    return status, [] if status == 303 or status == 201 else kept, text


class Torture:
    def __init__(self, url, orders, routes):
        walk.host = urllib.parse.urlsplit(url).netloc
        self.orders, self.routes, self.sql = Orders(orders), routes, Psql()
        self.number = 0
        self.tried = self.known = 0
        # What a request notes of itself is no change; a digest of each table's rows.
        tables = self.sql("""SELECT c.relname FROM pg_class c
            WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
              AND NOT c.relispartition AND c.relname NOT IN ('sign_in_failures') ORDER BY 1""")
        self.digests = " UNION ALL ".join(
            f"SELECT '{t}', count(*), md5(coalesce(string_agg(r, '' ORDER BY r), '')) FROM "
            f"(SELECT (to_jsonb(t) - {walk.NOTES})::text AS r FROM {t} t) x"
            for t in tables.split("\n"))

    def snapshot(self):
        return {name: (int(count), digest) for name, count, digest in
                (line.split("|") for line in self.sql(self.digests).split("\n"))}

    @staticmethod
    def change(before, after):
        """The tables that changed, and by how many rows each; marks are folded now and then, and the
        audit log has an entry for each object that an order reached."""
        return {t: after[t][0] - before[t][0] if t not in ("account_marks", "audit_entries") else 0
                for t in after if after[t] != before[t]}

    def refresh(self):
        """A worker that has done nothing yet takes the next request: the one before is ended."""
        self.orders.arm(1)
        ask("GET", "/healthz", {})
        self.orders.disarm()

    def counted(self, case):
        if case.prepare:
            case.prepare()
        before = self.snapshot() if case.is_change else None
        self.orders.arm(NEVER)
        answer = case.send()
        count, _, _ = self.orders.disarm()
        change = self.change(before, self.snapshot()) if case.is_change else {}
        return answer, count, change

    def warm_up(self, case):
        if case.prepare:
            case.prepare()
        case.send()

    @staticmethod
    def points(case, count, points):
        """The first ones, then fewer and fewer; each case has its own n, the same in each run."""
        if points >= count:
            return range(1, count + 1)
        first = points // 2
        offset = sum(case.label.encode()) % 97 / 97
        step = max(1, count / first) ** (1 / (points - first))
        return sorted({*range(1, first + 1), *(min(count, int(first * step ** (i + offset)))
                                               for i in range(1, points - first + 1))})

    def one(self, case, n, wanted, changes):
        """None when all is well, or why not."""
        if case.prepare:
            case.prepare()
        before = self.snapshot() if case.is_change else None
        self.orders.arm(n)
        answer = case.send()
        _, has_failed, pid = self.orders.disarm()
        self.tried += 1
        change = self.change(before, self.snapshot()) if case.is_change else {}
        if change and change not in changes:
            return f"n = {n}: half of the change was made: {change} instead of {changes}"
        if answer is None or answer[0] == 502:
            return None if has_failed else f"n = {n}: no answer, and no allocation failed: {answer}"
        if not case.is_change and plain(answer) != plain(wanted):
            wanted = case.send()
        if case.is_change and (answer[0] != wanted[0] or not change) or \
                not case.is_change and plain(answer) != plain(wanted):
            return f"n = {n}: another answer: {str(plain(answer))[:300]} (change {change})"
        if has_failed:  # it lived with the loss, or died of it after its answer: the next one is fresh
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        return None

    def case(self, case):
        self.refresh()
        if case.is_change:  # the first one may make rows that stay
            self.counted(case)
            self.refresh()
        fresh, count, change = self.counted(case)
        warm, warm_count, again = self.counted(case)
        self.known += count + warm_count
        good = fresh is not None and fresh[0] < 400 and warm is not None and fresh[0] == warm[0]
        self.ok(good and bool(change) == bool(again) == case.is_change,
                f"{case.label}: {count} allocations, {warm_count} when warm",
                fresh and (fresh[0], fresh[2][:200]), warm and warm[0], change, again)
        if not good:
            return
        self.refresh()
        changes = [change, again] if case.is_change else []
        faults = []
        for n in self.points(case, count, FRESH_POINTS):
            faults.append(self.one(case, n, fresh, changes))
        for n in self.points(case, warm_count, WARM_POINTS):
            self.warm_up(case)
            faults.append(self.one(case, n, fresh, changes))
        faults = [fault for fault in faults if fault]
        self.ok(not faults, case.label, *faults[:4])
        status = ask("GET", "/healthz", {})
        self.ok(status and status[0] == 200, f"{case.label}: the next one is answered", status)

    def ok(self, good, name, *why):
        self.number += 1
        print(("ok" if good else "not ok") + f" {self.number} - {name}")
        for line in () if good else why:
            print("#   " + str(line)[:500].replace("\n", " "))
        sys.stdout.flush()

    def every(self):
        begun = time.monotonic()
        for case in cases(self):
            self.case(case)
        self.ok(self.tried > 500, f"{self.tried} of {self.known} allocations were refused in "
                f"{time.monotonic() - begun:.0f} s")
        # The test can fail: an answer that is another each time, and a change that is half.
        paths = iter(["/healthz", "/session", "/healthz"])
        fault = self.one(Case("", lambda: ask("GET", next(paths), {})), NEVER, (0, [], ""), [])
        self.ok(fault is not None and "another answer" in fault, "another answer is seen", fault)
        half = Case("", lambda: self.sql("UPDATE accounts SET name = name || 'x'") and None,
                    is_change=True)
        fault = self.one(half, NEVER, (200, [], ""), [{"accounts": 1}])
        self.ok(fault is not None and "half" in fault, "half a change is seen", fault)

    def alone(self):
        begun = time.monotonic()
        while time.monotonic() < begun + 1.2:  # who has lived for a second is replaced at once
            time.sleep(0.05)
        self.orders.arm(3)
        answer = ask("GET", "/healthz", {})
        self.orders.disarm()
        self.ok(answer is not None and answer[0] == 502, "its request gets a 502", answer)
        self.ok(answer is not None and "nothing is lost" in answer[2], "with a sentence", answer)
        died = time.monotonic()
        while (answer := ask("GET", "/healthz", {})) is None or answer[0] != 200:
            if time.monotonic() > died + 10:
                break
            time.sleep(0.005)
        took = time.monotonic() - died
        self.ok(took < 1, f"the worker is back after {took * 1000:.0f} ms")


def main():
    what, url, orders, routes = sys.argv[1:]
    torture = Torture(url, orders, routes)
    {"every": torture.every, "alone": torture.alone}[what]()
    print(f"1..{torture.number}")


main()
