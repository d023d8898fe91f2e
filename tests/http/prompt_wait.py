#!/usr/bin/env python3
"""prompt_wait.py: requests that wait for a deployment; prints TAP lines.

	prompt_wait.py wake  URL MASTER LOG   how waiting ends: deployments, time, clients, tokens
	prompt_wait.py crowd URL MASTER       200 that wait, pages beside them, all told, a reload
	prompt_wait.py full  URL              a worker that has room for three
	prompt_wait.py polled URL             without notifications
	prompt_wait.py stop  URL MASTER       the end of the program

The environment has DATABASE_URL, TOKEN, ASSISTANT, OTHER (an assistant of the same account) and
FIRST and SECOND, final versions of ASSISTANT.
"""
import http.client
import os
import signal
import statistics
import subprocess
import sys
import threading
import time

from tap import end, ok

host = sys.argv[2].split("//")[1].rstrip("/")
TOKEN = {"Authorization": "Bearer " + os.environ["TOKEN"]}
PATH = f"/api/assistants/{os.environ['ASSISTANT']}/prompt"


class Psql:
    """One connection, so that the moment after a commit is known."""

    def __init__(self):
        self.process = subprocess.Popen(
            ["psql", "-XqAt", "-v", "ON_ERROR_STOP=1", os.environ["DATABASE_URL"]], text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=1)

    def run(self, statement):
        self.process.stdin.write(statement + ";\n\\echo .\n")
        lines = []
        while True:
            line = self.process.stdout.readline()
            if line in (".\n", ""):
                return lines
            lines.append(line.rstrip("\n"))

    def deploy(self, version, assistant=os.environ["ASSISTANT"]):
        version = f"'{version}'" if version else "NULL"
        self.run(f"""SELECT deployment_change(s.account_id, s.id, 'production', {version}, NULL,
            NULL, false) FROM assistants s WHERE s.id = '{assistant}' AND NOT EXISTS (
            SELECT 1 FROM deployments d WHERE d.assistant_id = s.id
            AND d.environment = 'production' AND d.prompt_version_id = {version})""")
        return time.monotonic()


class Answer:
    def __init__(self, response, started):
        self.status, self.headers = response.status, response.headers
        self.body = response.read()
        self.ended = time.monotonic()
        self.took = self.ended - started


def ask(query="", tag=None, token=TOKEN, path=PATH):
    headers = dict(token)
    if tag:
        headers["If-None-Match"] = tag
    connection = http.client.HTTPConnection(host, timeout=90)
    started = time.monotonic()
    connection.request("GET", path + query, headers=headers)
    answer = Answer(connection.getresponse(), started)
    connection.close()
    return answer


class Waiter(threading.Thread):
    """One that waits; answer is None until it has one."""

    def __init__(self, tag, wait=30, token=TOKEN):
        super().__init__(daemon=True)
        self.tag, self.wait, self.token, self.answer = tag, wait, token, None
        self.start()

    def run(self):
        self.answer = ask(f"?wait={self.wait}", self.tag, self.token)


def children(master):
    with open(f"/proc/{master}/task/{master}/children", encoding="ascii") as pids:
        return [int(pid) for pid in pids.read().split()]


def sockets(master):
    """Open sockets of all workers."""
    count = 0
    for pid in children(master):
        try:
            names = os.listdir(f"/proc/{pid}/fd")
            count += sum(os.readlink(f"/proc/{pid}/fd/{n}").startswith("socket:") for n in names)
        except FileNotFoundError:
            pass
    return count


def at_rest(master):
    """The fewest of many looks: a request just answered may hold its own for a moment."""
    return min(sockets(master) for _ in range(100))


def memory_kb(master):
    total = 0
    for pid in children(master):
        with open(f"/proc/{pid}/status", encoding="ascii") as lines:
            total += sum(int(line.split()[1]) for line in lines if line.startswith("VmRSS:"))
    return total


def until(condition, seconds=10):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.01)
    return True


def newest():
    """The tag of what is deployed, as soon as the worker that is met has been told of it."""
    psql, found = Psql(), []
    event = psql.run(f"""SELECT event_id FROM deployments WHERE environment = 'production'
        AND assistant_id = '{os.environ["ASSISTANT"]}'""")[0]
    psql.process.stdin.close()

    def is_told():
        found[:] = [ask().headers["ETag"] or ""]
        return event in found[0]
    return found[0] if until(is_told) else None


def waiters(count, master, **options):
    """That many, all of them with a worker."""
    tag = newest()
    before = at_rest(master)
    made = [Waiter(tag, **options) for _ in range(count)]
    until(lambda: sockets(master) >= before + count)
    return made


def done(made, seconds=10):
    return until(lambda: all(w.answer for w in made), seconds)


def warm():
    """Both workers listen and know the prompt."""
    for _ in range(30):
        ask()


FIRST, SECOND = os.environ["FIRST"], os.environ["SECOND"]


def wake_times(master, psql):
    delays = []
    for turn in range(10):
        waiter = waiters(1, master)[0]
        committed = psql.deploy(SECOND if turn % 2 == 0 else FIRST)
        if not done([waiter]):
            break
        delays.append(1000 * (waiter.answer.ended - committed))
        if waiter.answer.status != 200:
            break
    ok(len(delays) == 10 and max(delays) < 500, "a deployment ends the wait", delays)
    print(f"# commit to answer: median {statistics.median(delays):.1f} ms, "
          f"longest {max(delays):.1f} ms")


def wake(master, log):
    psql = Psql()
    psql.deploy(FIRST)
    warm()
    wake_times(master, psql)
    tag = newest()
    answer = ask("?wait=1", tag)
    ok(answer.status == 304 and 0.9 < answer.took < 3, "without one it ends with its time",
       answer.status, answer.took)
    ok(answer.headers["ETag"] == tag, "and says what there is")
    answer = ask("?wait=20")
    ok(answer.status == 200 and answer.took < 2, "who has nothing does not wait", answer.took)
    answer = ask("?wait=20", '"other"')
    ok(answer.status == 200 and answer.took < 2, "nor does who has something else", answer.took)

    waiter = waiters(1, master, wait=2)[0]
    psql.deploy(os.environ["OTHER_VERSION"], os.environ["OTHER"])
    ok(done([waiter]) and waiter.answer.status == 304 and waiter.answer.took > 1.9,
       "another assistant's deployment ends no wait", waiter.answer and waiter.answer.took)

    before = at_rest(master)
    connection = http.client.HTTPConnection(host, timeout=90)
    connection.request("GET", PATH + "?wait=50", headers={**TOKEN, "If-None-Match": newest()})
    is_there = until(lambda: sockets(master) > before)
    connection.sock.close()
    connection.close()
    ok(is_there and until(lambda: sockets(master) <= before, 5), "a client that goes is let go")

    def is_logged():
        with open(log, encoding="utf-8") as lines:
            return any("status=499" in line and "/prompt" in line for line in lines)
    ok(until(is_logged, 5), "the log says so")

    waiter = waiters(1, master)[0]
    psql.deploy(None)
    ok(done([waiter]) and waiter.answer.status == 410, "a withdrawal ends it",
       waiter.answer and waiter.answer.status)
    psql.deploy(FIRST)

    extra = "tok_extra_0123456789abcdef"
    psql.run(f"""INSERT INTO access_tokens (account_id, role, name, token_hash)
        SELECT s.account_id, 'viewer', 'Extra', encode(sha256('{extra}'), 'hex')
        FROM assistants s WHERE s.id = '{os.environ["ASSISTANT"]}'""")
    waiter = waiters(1, master, token={"Authorization": "Bearer " + extra})[0]
    psql.run("UPDATE access_tokens SET revoked_at = now() WHERE name = 'Extra'")
    ok(done([waiter]) and waiter.answer.status == 401, "so does the revocation of its token",
       waiter.answer and waiter.answer.status)


def page_times(seconds=3):
    """Milliseconds of pages, one after another."""
    times, end = [], time.monotonic() + seconds
    while time.monotonic() < end:
        answer = ask(path="/session", token={})
        if answer.status != 200:
            return []
        times.append(1000 * answer.took)
    return sorted(times)


def crowd(master):
    psql = Psql()
    psql.deploy(FIRST)
    warm()
    alone = page_times()
    before_kb = memory_kb(master)
    made = waiters(200, master, wait=50)
    print(f"# {(memory_kb(master) - before_kb) / 200:.1f} kB for each that waits")
    beside = page_times()
    ok(not any(w.answer for w in made), "200 wait")
    median_alone, median_beside = statistics.median(alone), statistics.median(beside)
    # Two cores are shared by whatever else runs: the best quarter says what waiting costs.
    ok(beside and beside[len(beside) // 4] < 2 * alone[len(alone) // 4] + 1,
       "pages do not notice", median_alone, median_beside)
    print(f"# pages: median {median_alone:.2f} ms alone, {median_beside:.2f} ms beside 200 that "
          f"wait; 99 of 100 within {alone[len(alone) * 99 // 100]:.2f} and "
          f"{beside[len(beside) * 99 // 100]:.2f} ms")
    committed = psql.deploy(SECOND)
    ok(done(made, 20) and all(w.answer.status == 200 for w in made), "all of them are told",
       [w.answer and w.answer.status for w in made])
    ok(len({w.answer.body for w in made}) == 1, "the same")
    last = max(w.answer.ended for w in made) - committed
    ok(last < 5, "soon", last)
    print(f"# 200 told {1000 * last:.0f} ms after the commit")
    made = waiters(20, master, wait=50)
    os.kill(master, signal.SIGHUP)
    ok(done(made, 5) and all(w.answer.status == 304 for w in made),
       "workers that are replaced answer who waits", [w.answer and w.answer.status for w in made])
    ok(until(lambda: ask().status == 200), "and others go on")


def full():
    tag = newest()
    made = [Waiter(tag, wait=4) for _ in range(8)]
    done(made)
    refused = [w.answer for w in made if w.answer and w.answer.headers["Retry-After"]]
    ok(len(refused) == 5 and all(a.status == 304 and a.took < 2 for a in refused),
       "whoever finds no room is told when to ask again", len(refused))
    rest = [w.answer for w in made if not w.answer.headers["Retry-After"]]
    ok(all(a.status == 304 and a.took > 3.8 for a in rest), "the others wait")


def polled():
    psql = Psql()
    psql.deploy(FIRST)
    waiter = Waiter(newest())
    time.sleep(0.5)
    committed = psql.deploy(SECOND)
    ok(done([waiter]) and waiter.answer.status == 200, "a wait ends without notifications, too",
       waiter.answer and waiter.answer.status)
    ok(waiter.answer.ended - committed < 3, "within seconds", waiter.answer.ended - committed)
    ok(ask().headers["Promptbuilder-Version"] == "v2" and psql.deploy(FIRST) and
       ask().headers["Promptbuilder-Version"] == "v1", "each answer is the database's")


def stop(master):
    made = waiters(20, master, wait=50)
    os.kill(master, signal.SIGTERM)
    ok(done(made, 5) and all(w.answer.status == 304 for w in made),
       "a web that stops answers who waits", [w.answer and w.answer.status for w in made])


def main():
    what = sys.argv[1]
    if what == "wake":
        wake(int(sys.argv[3]), sys.argv[4])
    elif what in ("crowd", "stop"):
        globals()[what](int(sys.argv[3]))
    else:
        globals()[what]()
    end()


main()
