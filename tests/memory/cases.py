"""cases.py: what torture.py asks: every route that the web has, as a page, of the API and as CSV.

A new route with an id, or one that changes something, fails until this file knows what to send.
"""
import http.client
import itertools
import json
import os
import re
import urllib.parse

import walk

FORM = "application/x-www-form-urlencoded"


class Case:
    """One way to ask: what is sent, and what makes it possible each time."""

    def __init__(self, label, send, prepare=None, is_change=False):
        self.label, self.send, self.prepare, self.is_change = label, send, prepare, is_change


def ask(method, path, headers, body=None, kind=None):
    """The answer; None: the connection ended before one, or in the middle of it."""
    try:
        return walk.ask(method, path, headers, body, kind)
    except (http.client.HTTPException, OSError):
        return None


# Statements that make what a change needs, each the id that goes into the address.
TOKEN = """INSERT INTO access_tokens (account_id, role, name, token_hash) VALUES ('{mine}', 'viewer',
    'Eve', encode(sha256(gen_random_uuid()::text::bytea), 'hex')) RETURNING id"""
SESSION = """DELETE FROM sessions WHERE csrf = 'x'; INSERT INTO sessions (id_hash, account_id, csrf, token_id, address)
    SELECT encode(sha256(gen_random_uuid()::text::bytea), 'hex'), account_id, 'x', id, '::1'
    FROM access_tokens WHERE token_hash = encode(sha256('{token}'), 'hex') RETURNING id"""
BUDGET = """DELETE FROM budgets WHERE account_id = '{mine}' AND period = 'week'; INSERT INTO budgets (account_id, period, zone, cap_usd, thresholds, created_by)
    VALUES ('{mine}', 'week', 'UTC', 100, '{{50}}', 'Op') RETURNING id"""
NO_BUDGET = "DELETE FROM budgets WHERE account_id = '{mine}' AND period = 'day' RETURNING ''"
RUN = """WITH run AS (INSERT INTO pipeline_runs (account_id, assistant_id, pipeline_id, briefing_id,
      status, briefing_data, model) SELECT account_id, id, 'pipeline_' || gen_random_uuid(), 'b',
      '{status}', '{{"company": "X"}}', 'claude-sonnet-5' FROM assistants
      WHERE account_id = '{mine}' AND external_id = 'desk' RETURNING account_id, id),
    job AS (INSERT INTO jobs (account_id, pipeline_run_id, state)
      SELECT account_id, id, '{job}' FROM run) SELECT id FROM run"""
VERSION = """DELETE FROM deployments WHERE account_id = '{mine}';
    UPDATE prompt_versions SET status = 'final', deployed_at = NULL
    WHERE account_id = '{mine}' RETURNING id"""
SERVED = VERSION.replace("RETURNING id", "") + """; SELECT v.assistant_id FROM prompt_versions v,
    LATERAL deployment_change(v.account_id, v.assistant_id, 'production', v.id, NULL, NULL, false) AS e
    WHERE v.account_id = '{mine}' AND e IS NOT NULL"""
UNAPPROVED = """DELETE FROM version_approvals WHERE account_id = '{mine}';
    SELECT id FROM prompt_versions WHERE account_id = '{mine}' LIMIT 1"""
RULES = """UPDATE accounts SET environments = '{{production,staging}}' WHERE id = '{mine}'
    RETURNING id"""
EVENT = """INSERT INTO outbox (account_id, kind, payload) VALUES ('{mine}', 'test', '{{}}')
    RETURNING id"""
RUNNER = """INSERT INTO runners (id, host, pid, version, lease_until)
    VALUES (gen_random_uuid(), 'h', 1, '0', now() + interval '1 hour') RETURNING id"""
ACCOUNT = """INSERT INTO accounts (slug, name) VALUES ('old-' || left(gen_random_uuid()::text, 8), 'Old')
    RETURNING slug"""
PAUSE = "INSERT INTO claim_pause (paused_by) VALUES ('Op') ON CONFLICT DO NOTHING RETURNING ''"
NO_PAUSE = "DELETE FROM claim_pause RETURNING ''"

ENTRY = {"accountId": "*", "assistantId": "desk", "operation": "chat", "model": "claude-sonnet-5",
         "idempotency_key": "new-#", "timestamp": "2026-07-01T12:00:00Z",
         "usage": {"input_tokens": 1, "output_tokens": 1}}
QUEUED, FAILED = {"status": "queued", "job": "queued"}, {"status": "failed", "job": "done"}
# A change: the statement before it with its words, and what is sent; "#" is another number each time.
CHANGES = {
    "/cost-entries": (None, {}, ENTRY),
    "/budgets": (NO_BUDGET, {}, {**walk.BODIES["/budgets"][0], "capUsd": "1000"}),
    "/budgets/{id}/remove": (BUDGET, {}, {}),
    "/accounts": (None, {}, {"slug": "new-#", "name": "New"}),
    "/accounts/{account}/delete": (ACCOUNT, {}, {"slug": "@", "name": "keep"}),
    "/assistants": (None, {}, {"accountId": "*", "assistantId": "new-#", "name": "New"}),
    "/pipeline-runs": (None, {}, walk.BODIES["/pipeline-runs"][0]),
    "/pipeline-runs/{id}/cancel": (RUN, QUEUED, {}),
    "/pipeline-runs/{id}/retry": (RUN, FAILED, {}),
    "/accounts/{account}/deployment": (RULES, {}, {"environments": "production\nstaging\nnew"}),
    "/assistants/{id}/withdraw": (SERVED, {}, {"environment": "production"}),
    "/deliveries/{id}/resend": (EVENT, {}, {}),
    "/prompt-versions/{id}/approve": (UNAPPROVED, {}, {}),
    "/prompt-versions/{id}/deploy": (VERSION, {}, {"environment": "production", "replaces": ""}),
    "/prompt-versions/{id}/notes": (UNAPPROVED, {}, {"note": "Note #"}),
    "/prompt-versions/{id}/status": (VERSION, {}, {"status": "deployed"}),
    "/runners/pause": (NO_PAUSE, {}, {}),
    "/runners/resume": (PAUSE, {}, {}),
    "/runners/drain": (RUNNER, {}, {}),
    "/runners/{id}/drain": (RUNNER, {}, {}),
    "/tokens": (None, {}, {"accountId": "*", "name": "New #", "role": "viewer"}),
    "/tokens/{id}/revoke": (TOKEN, {}, {}),
    "/sessions/{id}/end": (SESSION, {}, {}),
    "/sessions/end-others": (SESSION, {}, {}),
}
IDS = {"/costs": None, "/accounts": None, "/cost-entries": "cost_entries",
       "/pipeline-runs": "pipeline_runs", "/prompt-versions": "prompt_versions",
       "/tokens": "access_tokens", "/assistants": "assistants", "/deliveries": "outbox"}


class Asker:
    """Somebody with a session and a bearer."""

    def __init__(self, slug, token):
        self.slug, self.token = slug, token
        self.sign_in()

    def sign_in(self):
        self.session = walk.Session(self.slug, self.token)

    def get(self, side, path):
        if side == "api":
            return ask("GET", "/api" + path.rstrip("/"), {"Authorization": f"Bearer {self.token}"})
        return ask("GET", path + (".csv" if side == "csv" else ""), self.session.headers)

    def post(self, side, path, fields):
        if side == "api":
            return ask("POST", "/api" + path, {"Authorization": f"Bearer {self.token}"},
                       json.dumps(fields), "application/json")
        return ask("POST", path, self.session.headers,
                   urllib.parse.urlencode({**fields, "csrf": self.session.csrf}), FORM)


class Maker:
    """Makes the cases of one route after the other."""

    def __init__(self, torture):
        self.t = torture
        self.mine = torture.sql(f"SELECT id FROM accounts WHERE slug = '{walk.MINE}'")
        self.member = Asker(walk.MINE, os.environ["A_TOKEN"])
        self.operator = Asker("operator", os.environ["OPERATOR_TOKEN"])
        self.numbers = itertools.count(1)

    def words(self, **more):
        return {"mine": self.mine, "token": os.environ["A_TOKEN"], **more}

    def looks(self, pattern, sides, asker):
        path = pattern
        if "{" in pattern:
            base = "/" + pattern.split("/")[1]
            table = IDS[base]
            value = "gone" if "deletion" in pattern else walk.MINE if table is None else self.t.sql(
                f"SELECT id FROM {table} WHERE account_id = '{self.mine}' ORDER BY id LIMIT 1")
            path = re.sub(r"\{\w+\}", value, pattern)
        for side in sides:
            if side == "csv" and path == "/":
                continue
            yield Case(f"GET {pattern} {side}", lambda side=side: asker.get(side, path))

    def changes(self, pattern, sides, asker):
        statement, words, fields = CHANGES[pattern]
        place = {}

        def prepare():
            if statement:
                place["id"] = self.t.sql(statement.format(**self.words(**words)))

        def send(side):
            number = str(next(self.numbers))
            filled = {k: self.mine if v == "*" else place["id"] if v == "@" else
                      v.replace("#", number) if isinstance(v, str) else v
                      for k, v in fields.items()}
            if side == "api" and pattern == "/pipeline-runs":
                filled = {"accountId": filled.pop("accountId"), "briefing": filled}
            return asker.post(side, re.sub(r"\{\w+\}", lambda _: place["id"], pattern), filled)

        for side in sides:
            yield Case(f"POST {pattern} {side}", lambda side=side: send(side), prepare, True)

    def sessions(self):
        """Signing in and out: a session each time."""
        place = {}

        def form():
            text = ask("GET", "/session", {})[2]
            place["csrf"] = re.search('name="csrf" value="([^"]+)"', text)[1]

        def enter():
            return ask("POST", "/session", {"Cookie": f"promptbuilder_form={place['csrf']}"},
                       urllib.parse.urlencode({"csrf": place["csrf"], "slug": walk.MINE,
                                               "token": os.environ["A_TOKEN"]}), FORM)

        leaver = Asker(walk.MINE, os.environ["A_TOKEN"])
        yield Case("POST /session page", enter, form, True)
        yield Case("POST /session/end page", lambda: leaver.post("page", "/session/end", {}),
                   leaver.sign_in, True)

    def cases(self, routes):
        yield from self.sessions()
        for method, pattern, sides, who in routes:
            asker = self.operator if who == "operator" else self.member
            if pattern in ("/session", "/session/end") and method == "POST":
                continue
            known = "{" not in pattern or "/" + pattern.split("/")[1] in IDS
            if not (known if method == "GET" else pattern in CHANGES):
                self.t.ok(False, f"cases.py knows what to send to {method} {pattern}")
            elif method == "GET":
                yield from self.looks(pattern, sides, asker)
            else:
                yield from self.changes(pattern, sides, asker)


def cases(torture):
    yield from Maker(torture).cases(list(walk.routes(torture.routes)))
