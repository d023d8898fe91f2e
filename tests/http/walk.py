#!/usr/bin/env python3
"""walk.py: walks every route that the web has, for foreign_test.sh; prints TAP lines.

	walk.py csrf    URL ROUTES   every POST of a page without a right token of its form
	walk.py foreign URL ROUTES   every route with the ids of another account

ROUTES is what "promptbuilder routes" prints, so a new route is walked, and fails until this file
knows what to put in its place. The environment has DATABASE_URL and the accounts' tokens (A_TOKEN,
B_TOKEN). Both accounts have the same rows; all ids of B are read from the database.
"""
import http.client
import json
import os
import random
import re
import subprocess
import sys
import urllib.parse

from tap import end, ok

MINE, OTHER = "acme", "zeta"
host = None


def sql(text):
    done = subprocess.run(["psql", "-XqAt", "-v", "ON_ERROR_STOP=1", os.environ["DATABASE_URL"]],
                          input=text, capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit("Bail out! " + done.stderr)
    return done.stdout.strip()


def ask(method, path, headers=None, body=None, kind=None):
    """Status, headers and body, as they came."""
    connection = http.client.HTTPConnection(host, timeout=20)
    headers = dict(headers or {})
    if kind:
        headers["Content-Type"] = kind
    connection.request(method, path, body=body, headers=headers)
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    return answer.status, answer.getheaders(), text


class Session:
    """A browser that is signed in."""

    def __init__(self, slug, token):
        _, headers, text = ask("GET", "/session")
        form = re.search('name="csrf" value="([^"]+)"', text)[1]
        status, headers, _ = ask(
            "POST", "/session", {"Cookie": f"promptbuilder_form={form}"},
            urllib.parse.urlencode({"csrf": form, "slug": slug, "token": token}),
            "application/x-www-form-urlencoded")
        cookies = [v for k, v in headers if k == "Set-Cookie" and "promptbuilder_session=" in v]
        if status != 303 or not cookies:
            raise SystemExit(f"Bail out! {slug} cannot sign in: {status}")
        self.headers = {"Cookie": cookies[0].split(";")[0]}
        self.csrf = re.search('name="csrf" value="([^"]+)"',
                              ask("GET", "/sessions", self.headers)[2])[1]

    def post(self, path, fields, csrf=None):
        pairs = list(fields) + ([("csrf", csrf)] if csrf is not None else [])
        return ask("POST", path, self.headers, urllib.parse.urlencode(pairs),
                   "application/x-www-form-urlencoded")


# What a request notes of itself is no change.
NOTES = "'{seen_at,last_used_at,last_used_from,address}'::text[]"


def snapshot(account=None):
    """A digest of each table; of one account's rows where one is given."""
    tables = sql("""SELECT c.relname || '|' || count(*) FILTER (WHERE a.attname = 'account_id')
        FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
          AND NOT c.relispartition GROUP BY c.relname ORDER BY 1""").split("\n")
    parts = []
    for name, has_account in (line.split("|") for line in tables):
        where = ""
        if account and has_account == "0" and name != "accounts":
            continue
        if account:
            key = "id" if name == "accounts" else "account_id"
            where = f"WHERE t.{key} = '{account}'"
        parts.append(f"SELECT '{name}', count(*), md5(coalesce(string_agg(r, '' ORDER BY r), ''))"
                     f" FROM (SELECT (to_jsonb(t) - {NOTES})::text AS r FROM {name} t {where}) x")
    return sql(" UNION ALL ".join(parts) + " ORDER BY 1")


def changed(before, after):
    return sorted(set(after.split("\n")) ^ set(before.split("\n")))


def routes(path):
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            method, pattern, sides, who, _ = line.rstrip("\n").split("\t")
            yield method, pattern, sides.split(","), who


# The ids of B and, of the same form and time, ids that nobody has.
def nobody_of(known):
    if re.fullmatch("[0-9a-f-]{36}", known):
        return known[:-8] + f"{random.getrandbits(32):08x}"
    return known[:-3] + "qqq"


def ids():
    b = sql(f"SELECT id FROM accounts WHERE slug = '{OTHER}'")

    def of(table, column="id"):
        return sql(f"SELECT {column} FROM {table} WHERE account_id = '{b}' ORDER BY 1 LIMIT 1")

    return {
        "/costs": [OTHER, b], "/accounts": [OTHER, b],
        "/cost-entries": [of("cost_entries")], "/budgets": [of("budgets")],
        "/pipeline-runs": [of("pipeline_runs"), of("pipeline_runs", "pipeline_id")],
        "/prompt-versions": [of("prompt_versions")],
        "/assistants": [of("assistants")], "/deliveries": [of("outbox")],
        "/tokens": [of("access_tokens")], "/sessions": [of("sessions")],
        "accountId": [OTHER, b], "assistantId": [of("assistants")],
        "runId": [of("pipeline_runs"), of("pipeline_runs", "pipeline_id")],
        "cursor": [of("pipeline_runs")],
    }


# What the API takes, with "*" where an id of B goes; a form takes the same but for lists.
BODIES = {
    "/cost-entries": [{"accountId": "*", "assistantId": "desk", "operation": "prompt_generation",
                       "model": "claude-sonnet-5", "input_tokens": 1, "output_tokens": 1}],
    "/budgets": [{"accountId": "*", "period": "day", "capUsd": "1"}],
    "/budgets/{id}/remove": [{}],
    "/assistants": [{"accountId": "*", "externalId": "mine", "name": "Mine"}],
    "/pipeline-runs": [{"accountId": "*", "assistantId": "desk", "company": "C", "purpose": "P"}],
    "/pipeline-runs/{id}/cancel": [{}],
    "/pipeline-runs/{id}/retry": [{}],
    "/accounts/{account}/deployment": [{"environments": "live"}, {"needs_approval": "yes"}],
    "/assistants/{id}/withdraw": [{"environment": "production"},
                                  {"environment": "production", "replaces": ""}],
    "/deliveries/{id}/resend": [{}],
    "/prompt-versions/{id}/approve": [{}],
    "/prompt-versions/{id}/deploy": [{"environment": "production", "replaces": ""}],
    "/prompt-versions/{id}/notes": [{"note": "N"}],
    "/prompt-versions/{id}/edit": [{"content": "Mine."}, {"content": "Mine.", "score": "true"}],
    "/prompt-versions/{id}/score": [{}],
    "/prompt-versions/{id}/status": [{"status": "deployed"}, {"status": "archived"}],
    "/tokens": [{"accountId": "*", "name": "Mallory", "role": "member"},
                {"accountId": "*", "name": "Mallory", "role": "viewer"}],
    "/tokens/{id}/revoke": [{}],
    "/sessions/{id}/end": [{}],
    "/sessions/end-others": [],  # takes no id
    "/session": [], "/session/end": [],
}
QUERIES = ["accountId", "assistantId", "runId", "cursor"]


def body_of(pattern, body, value, is_api):
    filled = {k: value if v == "*" else v for k, v in body.items()}
    if is_api and pattern == "/pipeline-runs":
        return {"accountId": filled.pop("accountId"), "briefing": filled}
    return filled


def plain(answer, value):
    """The answer without what names the request or repeats what was asked for."""
    status, headers, text = answer
    request = dict(headers).get("X-Request-Id", "-")

    def clean(part):
        for spelled in (value, urllib.parse.quote(value, safe="")):
            part = part.replace(spelled, "(asked)")
        # A form of a launch has a key of its own each time.
        part = re.sub('name="idempotency_key" value="[^"]+"', "(key)", part)
        return part.replace(request, "(request)")

    return status, [(k, clean(v)) for k, v in headers if k not in ("Date", "ETag")], clean(text)


class Asker:
    """A with its bearer, or with its session."""

    def __init__(self, session, token):
        self.session, self.token = session, token
        self.name = "session" if session else "bearer"

    def get(self, path):
        if self.session:
            return ask("GET", path, self.session.headers)
        return ask("GET", "/api" + ("" if path == "/" else path),
                   {"Authorization": f"Bearer {self.token}"})

    def post(self, path, fields):
        if self.session:
            return self.session.post(path, fields.items(), self.session.csrf)
        return ask("POST", "/api" + path, {"Authorization": f"Bearer {self.token}"},
                   json.dumps(fields), "application/json")


def equal(name, known, send):
    """The answers to an id of B and to one of nobody."""
    unknown = nobody_of(known)
    here, nowhere = plain(send(known), known), plain(send(unknown), unknown)
    ok(here == nowhere, name, here, nowhere)
    return here


def foreign(path):
    known, mine = ids(), Session(MINE, os.environ["A_TOKEN"])
    theirs = Session(OTHER, os.environ["B_TOKEN"])  # so that B has a session, too
    known = ids()
    b = known["/accounts"][1]
    askers = {"page": Asker(mine, None), "api": Asker(None, os.environ["A_TOKEN"])}
    owner = Asker(None, os.environ["B_TOKEN"])
    before, seen = snapshot(b), 0
    for method, pattern, sides, who in routes(path):
        has_id = "{" in pattern
        base = "/" + pattern.split("/")[1]
        if who == "anybody":
            continue
        if who == "operator" and (has_id or method == "POST"):
            for side in [s for s in sides if s in askers]:
                own = re.sub(r"\{\w+\}", b, pattern)
                status = (askers[side].get(own) if method == "GET"
                          else askers[side].post(own, {}))[0]
                ok(status == 403, f"{method} {pattern} is for operators: {side}", status)
            seen += 1
            continue
        if has_id and base not in known:
            ok(False, f"the walk knows what to put into {pattern}")
            continue
        if method == "POST" and pattern not in BODIES:
            ok(False, f"the walk knows what to send to {pattern}")
            continue
        for side in [s for s in sides if s in askers]:
            asker = askers[side]
            label = f"{method} {pattern} by {asker.name}"
            if method == "GET" and has_id:
                for value in known[base]:
                    answer = equal(f"{label}: {value}", value, lambda v: asker.get(
                        re.sub(r"\{\w+\}", v, pattern)))
                    ok(answer[0] == 404, f"{label} is 404", answer[0])
                    if side == "api" and base != "/sessions":
                        own = owner.get(re.sub(r"\{\w+\}", value, pattern))[0]
                        ok(own == 200, f"{pattern} is found by its owner: {value}", own)
            elif method == "GET":
                for query in QUERIES:
                    for value in known[query]:
                        equal(f"{label}?{query}={value}", value,
                              lambda v: asker.get(f"{pattern}?{query}={v}"))
            for body in BODIES[pattern] if method == "POST" else []:
                values = known[base] if has_id else known["accountId"]
                for value in values:
                    answer = equal(f"{label} {body} {value}", value, lambda v: asker.post(
                        re.sub(r"\{\w+\}", v, pattern), body_of(pattern, body, v, side == "api")))
                    ok(answer[0] in (403, 404, 422), f"{label} is refused", answer)
            seen += 1
    ok(seen > 40, "many routes were walked", seen)
    ok(snapshot(b) == before, "no row of B has changed", *changed(before, snapshot(b)))
    status = theirs.post("/sessions/end-others", [], theirs.csrf)[0]
    ok(status == 303, "B itself may", status)
    sql(f"UPDATE pipeline_runs SET error_message = 'planted' WHERE account_id = '{b}'")
    ok(snapshot(b) != before, "a planted change of B is seen")


def csrf(path):
    a, second = (Session(MINE, os.environ["A_TOKEN"]) for _ in range(2))
    b = Session(OTHER, os.environ["B_TOKEN"])
    form = re.search('name="csrf" value="([^"]+)"', ask("GET", "/session")[2])[1]
    wrong = {
        "without": lambda p: a.post(p, [("name", "x")]),
        "with an empty": lambda p: a.post(p, [], ""),
        "with a wrong": lambda p: a.post(p, [], "A" * 43),
        "with another session's": lambda p: a.post(p, [], second.csrf),
        "with another account's": lambda p: a.post(p, [], b.csrf),
        "with a stranger's form's": lambda p: a.post(p, [], form),
        "with two": lambda p: a.post(p, [("csrf", a.csrf)], a.csrf),
        "in the address": lambda p: a.post(p + "?csrf=" + a.csrf, []),
    }
    forged = {
        "from another origin": {"Origin": "http://evil.example"},
        "from nowhere": {"Origin": "null"},
        "from another port": {"Origin": f"http://{host.split(':')[0]}:1"},
        "cross-site": {"Sec-Fetch-Site": "cross-site"},
        "from a neighbour": {"Sec-Fetch-Site": "same-site"},
    }
    before, walked = snapshot(), 0
    for method, pattern, sides, _ in routes(path):
        if method != "POST":
            continue
        filled = re.sub(r"\{\w+\}", "nothing", pattern)
        if "page" in sides:
            walked += 1
            for name, send in wrong.items():
                status = send(filled)[0]
                ok(status == 403, f"POST {pattern} {name} token", status)
            for name, headers in forged.items():
                status = ask("POST", filled, {**a.headers, **headers},
                             urllib.parse.urlencode({"csrf": a.csrf}),
                             "application/x-www-form-urlencoded")[0]
                ok(status == 403, f"POST {pattern} {name}, with its token", status)
        if "api" in sides:
            status = ask("POST", "/api" + filled, {**a.headers, "X-CSRF-Token": a.csrf}, "{}",
                         "application/json")[0]
            ok(status == 401, f"POST /api{pattern} with a cookie", status)
            for kind in ("application/x-www-form-urlencoded", "text/plain", None):
                status = ask("POST", "/api" + filled,
                             {"Authorization": "Bearer " + os.environ["A_TOKEN"]}, "{}", kind)[0]
                ok(status == 415, f"POST /api{pattern} as {kind}", status)
    ok(walked > 10, "many forms were walked", walked)
    ok(snapshot() == before, "no row has changed", *changed(before, snapshot()))
    for method, pattern, sides, who in routes(path):
        if method == "POST" and "page" in sides:
            one = Session(MINE, os.environ["A_TOKEN"])
            status = one.post(re.sub(r"\{\w+\}", "nothing", pattern), [], one.csrf)[0]
            ok((status == 403) == (who == "operator"),
               f"POST {pattern} with its token is let in as far as the role goes", status)


def main():
    global host
    what, url, path = sys.argv[1:]
    host = urllib.parse.urlsplit(url).netloc
    {"csrf": csrf, "foreign": foreign}[what](path)
    end()


if __name__ == "__main__":
    main()
