#!/usr/bin/env python3
"""attack.py: sends the lines of tests/attack/*.txt to every field of every form and query, to every
piece of a path, and JSON of all kinds to every address of the API; prints TAP lines.

	attack.py URL ROUTES CORPORA

ROUTES is what "promptbuilder routes" prints; forms, their fields and the names in queries are read
off the pages, so what is new is attacked without a word here. The environment has A_TOKEN of the
account acme and OP_TOKEN of an operator; ATTACK=full sends every line to every field, else each
field gets its share, and each line goes to many fields. No answer may be an error of the program's
own, lack a header, have one too many, lead away or show what was sent as anything but text.
"""
import collections
import concurrent.futures
import html.parser
import json
import os
import re
import sys
import urllib.parse

from tap import end, ok
from wire import FORM, Broken, Session, Wire

SHARE = 1 if os.environ.get("ATTACK") == "full" else 19
TEXTS = ["sqli", "xss", "template", "redirect", "path", "crlf", "unicode", "number"]
GOOD = {200, 201, 202, 303, 400, 401, 403, 404, 405, 406, 409, 410, 413, 415, 422, 429}
NO_FORM = {"/session/end", "/sessions/end-others"}  # would end the session that attacks
NOT_OURS = {"/sessions/{id}/end", "/tokens/{id}/revoke"}  # likewise, with the ids of the page
FILLED = {"accountId": "acme", "assistantId": "desk", "thresholds": "50"}  # else 7
NOBODY = "00000000-0000-7000-8000-000000000000"
JSON_BODIES = {
    "/cost-entries": {"accountId": "acme", "assistantId": "desk", "model": "claude-sonnet-5",
                      "operation": "prompt_generation", "input_tokens": 1, "output_tokens": 1},
}
netloc = os.path.basename(sys.argv[1].rstrip("/"))


def corpus(name):
    """Its payloads as bytes: \\xHH and \\\\ are read, "(50)x" is x fifty times."""
    with open(f"{sys.argv[3]}/{name}.txt", encoding="utf-8") as lines:
        for line in lines.read().split("\n")[1:-1]:
            text = re.sub(rb"\\(x[0-9a-f]{2}|\\)", lambda m: b"\\" if m[1] == b"\\" else
                          bytes([int(m[1][1:], 16)]), line.encode())
            yield re.sub(rb"\((\d+)\)((?:\\u)?[\[{]?.[^(]{0,4}?(?=$|\"))",
                         lambda m: m[2] * int(m[1]), text) if name == "json" else text


class Page(html.parser.HTMLParser):
    """Forms with their fields, queries of links, and what only an attacker would have put there."""

    def __init__(self, body):
        super().__init__(convert_charrefs=True)
        self.forms, self.links, self.evil, self.form = [], [], [], None
        self.feed(body.decode())

    def handle_starttag(self, tag, attrs):
        pairs = dict(attrs)
        if tag == "form":
            self.form = (pairs.get("method", "get").upper(), pairs["action"].split("#")[0], {})
            self.forms.append(self.form)
        elif tag in ("input", "textarea", "select") and self.form and "name" in pairs:
            self.form[2].setdefault(pairs["name"], pairs.get("value") or "")
        elif tag == "button" and self.form and "name" in pairs:
            self.form[2][pairs["name"]] = pairs.get("value") or ""
        elif tag == "option" and self.form and pairs.get("value"):
            name = list(self.form[2])[-1]
            self.form[2][name] = self.form[2][name] or pairs["value"]
        if tag == "a" and pairs.get("href", "").startswith("/"):
            self.links.append(pairs["href"])
        if [k for k in pairs if k.startswith("on") or k == "style" or k == "srcdoc"]:
            self.evil.append(f"{tag} {attrs}")
        if tag in ("iframe", "object", "embed", "base", "style", "math", "img", "animate") or \
                (tag == "script" and "src" not in pairs):
            self.evil.append(f"{tag} {attrs}")
        for name in ("href", "src", "action", "formaction", "data"):
            url = pairs.get(name)
            if url is not None and not re.match(r"/(?!/)|https?://|[?#]", url):
                self.evil.append(f"{tag} {name}={url}")

    def handle_endtag(self, tag):
        if tag == "form":
            self.form = None


def pattern_of(path, patterns):
    """The row's pattern that a path is one of."""
    fits = [p for p in patterns if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", p), path)]
    return min(fits, key=lambda p: p.count("{"), default=None)


def crawl(session, patterns):
    """All pages that links lead to, a few for each pattern; what they offer."""
    seen, targets, queries, evil = {}, {}, {}, []
    todo = ["/", "/session", "/prices?model=x", "/runners", "/settings/sheets"]
    while todo:
        link = todo.pop(0)
        path, _, query = link.split("#")[0].partition("?")
        pattern = pattern_of(path, patterns) or pattern_of(path.removesuffix(".csv"), patterns)
        names = tuple(sorted(urllib.parse.parse_qs(query, keep_blank_values=True)))
        queries.setdefault(pattern, {}).update(dict.fromkeys(names, path))
        limit = 4 if pattern and "{" in pattern else 1
        if pattern is None or seen.setdefault((pattern, names), 0) >= limit or path.endswith(".csv"):
            continue
        seen[pattern, names] += 1
        answer = session.get(link.split("#")[0])
        if not answer.get("content-type").startswith("text/html"):
            continue
        page = Page(answer.body)
        evil += [f"{link}: {e}" for e in page.evil]
        todo += page.links
        for method, action, fields in page.forms:
            at = pattern_of(action, patterns)
            if method == "GET":
                queries.setdefault(at, {}).update(dict.fromkeys(fields, action))
            else:
                targets[at] = (action, fields)
    return targets, queries, evil, sum(seen.values())


def shared(payloads, turn):
    """What of them is this field's share."""
    return [p for i, p in enumerate(payloads) if (i + turn) % SHARE == 0]


def judge(label, sent, answer):
    """What is wrong with an answer to what was sent."""
    wrong = answer.faults()
    if answer.status not in GOOD:
        wrong.append(f"status {answer.status}")
    for mark in (b"root:x:0:0", b"4011xq7", b"SQLSTATE", b"X-Evil: xq7\r", b"syntax error at"):
        if mark in answer.body and mark not in sent:
            wrong.append(f"{mark} in the body")
    if answer.get("content-type").startswith("text/html") and b"xq7" in answer.body:
        wrong += Page(answer.body).evil
    return [f"{label} <- {sent[:100]!r}: {w}" for w in wrong]


def work(share):
    """Sends what is listed; how many were sent, how each was answered, complaints."""
    wire, bad, statuses = Wire(netloc), [], collections.Counter()
    for label, method, path, headers, fields, kind, sent in share:
        body = fields if isinstance(fields, bytes) or fields is None else \
            urllib.parse.urlencode(fields).encode()
        try:
            answer = wire.ask(method, path, headers, body, kind)
            statuses[answer.status] += 1
            bad += judge(label, sent, answer)
        except (Broken, ValueError, OSError) as error:
            bad.append(f"{label} <- {sent[:100]!r}: {error}")
            wire.close()
    return statuses, bad


def filled(fields):
    """A form with something in each of its fields."""
    return {k: v or FILLED.get(k, "7") for k, v in fields.items() if k != "idempotency_key"}


def json_value(payload):
    return payload.decode("utf-8", "surrogateescape")


def json_bytes(body):
    return json.dumps(body, ensure_ascii=False).encode("utf-8", "surrogateescape")


def plan(targets, queries, rows, session, bearer):
    """Every request of the attack, in an order that does not matter."""
    payloads = [p for name in TEXTS for p in corpus(name)]
    keys, bodies, turn = list(corpus("hdf_key")), list(corpus("json")), 0
    api = {"Authorization": f"Bearer {bearer}"}
    for pattern, (action, fields) in sorted(targets.items()):
        action = pattern.replace("{id}", NOBODY) if pattern in NOT_OURS else action
        base = filled(fields)
        if "csrf" in fields:
            base["csrf"] = session.csrf
        for name in base:
            turn += 1
            for p in shared(payloads, turn):
                yield (f"POST {action} {name}", "POST", action, session.headers,
                       {**base, name: p}, FORM, p)
        for p in keys:
            yield (f"POST {action} +{p}", "POST", action, session.headers, {**base, p: "x"}, FORM, p)
        for name in base:
            yield (f"POST {action} {name} twice", "POST", action, session.headers,
                   list(base.items()) + [(name, "x")], FORM, b"")
    for pattern, names in sorted(queries.items()):
        for name, path in sorted(names.items()):
            turn += 1
            for p in shared(payloads, turn):
                query = urllib.parse.urlencode({name: p})
                yield f"GET {path} {name}", "GET", f"{path}?{query}", session.headers, None, None, p
                if path not in ("/session", "/pipeline-runs/new"):
                    yield (f"GET /api{path} {name}", "GET", f"/api{path}?{query}", api, None,
                           None, p)
    for method, pattern, sides in rows:
        if "{" in pattern:
            turn += 1
            for p in shared(payloads, turn):
                path = re.sub(r"\{\w+\}", lambda m: urllib.parse.quote(p, safe=""), pattern)
                raw = {"csrf": session.csrf} if method == "POST" else None
                if "page" in sides:
                    yield (f"{method} {pattern}", method, path, session.headers, raw,
                           FORM if raw else None, p)
                if "api" in sides:
                    yield (f"{method} /api{pattern}", method, "/api" + path, api,
                           b"{}" if raw else None, "application/json" if raw else None, p)
        if method != "POST" or "api" not in sides or pattern in NO_FORM:
            continue
        action = targets.get(pattern, (pattern,))[0]
        path = "/api" + (pattern.replace("{id}", NOBODY) if pattern in NOT_OURS else action)
        for p in bodies:
            yield f"POST {path}", "POST", path, api, p, "application/json", p
        fields = JSON_BODIES.get(pattern) or {k: v for k, v in filled(targets[pattern][1]).items()
                                             if k not in ("csrf", "idempotency_key")}
        nest = (lambda f: {"accountId": f["accountId"], "briefing": {
            k: v for k, v in f.items() if k != "accountId"}}) \
            if pattern == "/pipeline-runs" else (lambda f: f)
        for name in fields:
            turn += 1
            for p in shared(payloads, turn):
                yield (f"POST {path} {name}", "POST", path, api,
                       json_bytes(nest({**fields, name: json_value(p)})), "application/json", p)
            for value in (None, True, 1, -1, 2 ** 70, 1.5, [], {}, [[]], {"a": {"b": []}},
                          "x" * 70000):
                yield (f"POST {path} {name}", "POST", path, api,
                       json_bytes(nest({**fields, name: value})), "application/json", b"")


def files(session):
    """Paths as they are, sent to where files lie: nginx alone answers."""
    bad = []
    for p in corpus("path"):
        raw = re.sub(rb"[^!-~]", lambda m: b"%%%02x" % m[0][0], p).decode()
        for folder in ("/static/", "/", "/api/"):
            answer = session.get(folder + raw)
            if answer.status not in GOOD | {302} or b"root:x:0:0" in answer.body or \
                    b"<?cs" in answer.body or b"CREATE TABLE" in answer.body:
                bad.append(f"{folder}{raw}: {answer.status}")
    return bad


def redirects(token):
    """After a sign-in, each place of the list must be one of ours."""
    bad = []
    for p in corpus("redirect"):
        for path in ("/session?" + urllib.parse.urlencode({"next": p}), None):
            wire = Wire(netloc)
            page = wire.ask("GET", path or "/session")
            form = re.search(rb'name="csrf" value="([^"]+)"', page.body)
            if not form:  # refused already
                continue
            fields = Page(page.body).forms[-1][2]
            fields.update(slug="acme", token=token, **({} if path else {"next": p}))
            answer = wire.ask("POST", "/session",
                              {"Cookie": f"promptbuilder_form={form[1].decode()}"},
                              urllib.parse.urlencode(fields).encode(), FORM)
            place = urllib.parse.urljoin("http://here.example/session",
                                         answer.get("location", "/"))
            if answer.faults() or not place.startswith("http://here.example/") or \
                    place.startswith("http://here.example//") or \
                    answer.status not in (303, 400, 422):
                bad.append(f"{p!r}: {answer.status} {answer.get('location')}")
            wire.close()
    return bad


def main():
    rows = [line.rstrip("\n").split("\t") for line in open(sys.argv[2], encoding="utf-8")]
    rows = [(m, p, s.split(",")) for m, p, s, *_ in rows]
    pages = {p for m, p, s in rows if m == "GET" and "page" in s} | \
        {p for m, p, s in rows if m == "POST"}
    targets, queries, total = {}, {}, 0
    for slug, token in (("acme", os.environ["A_TOKEN"]), ("operator", os.environ["OP_TOKEN"])):
        session, bearer = Session(netloc, slug, token), token
        found, asked, evil, visited = crawl(session, pages)
        targets.update({k: v for k, v in found.items() if k not in NO_FORM})
        for pattern, names in asked.items():
            if pattern in pages:
                queries.setdefault(pattern, {}).update(names)
        total += visited
        ok(not evil, f"pages of {slug} are clean before", *evil[:5])
    # Its form stands in the place of the other one.
    targets.setdefault("/runners/resume", ("/runners/resume", targets["/runners/pause"][1]))
    posted = {p for m, p, s in rows if m == "POST" and "page" in s} - NO_FORM
    ok(posted <= set(targets), "the crawl finds the form of every address", posted - set(targets))
    ok(total > 40, f"{total} pages were read")
    requests = list(plan(targets, queries, rows, session, bearer))
    with concurrent.futures.ProcessPoolExecutor(2) as pool:
        results = list(pool.map(work, [requests[i::8] for i in range(8)]))
    bad = [b for _, more in results for b in more]
    statuses = sum((s for s, _ in results), collections.Counter())
    count = sum(statuses.values())
    print(f"# answers: {dict(sorted(statuses.items()))}")
    ok(not bad, f"{count} attacks on {len(targets)} forms, "
       f"{sum(map(len, queries.values()))} queries and {len(rows)} addresses", len(bad), *bad[:40])
    ok(count > 3000, "many attacks were sent", count)
    ok(min(statuses[s] for s in (200, 201, 202, 303, 400, 404, 422)) > 5,
       "many of them reached the database, and many were told what was wrong", statuses)
    ok(session.get("/sessions").status == 200, "the attacker is signed in still")
    bad = files(session)
    ok(not bad, "no path leads to a file that is not public", *bad[:20])
    bad = redirects(os.environ["A_TOKEN"])
    ok(not bad, "no sign-in leads away", *bad[:20])
    for slug, token in (("acme", os.environ["A_TOKEN"]), ("operator", os.environ["OP_TOKEN"])):
        _, _, evil, visited = crawl(Session(netloc, slug, token), pages)
        ok(not evil and visited > 20, f"{visited} pages of {slug} are clean after", *evil[:10])
    planted = Page(b"<p onclick='x'>1</p><a href='javascript:x'>2</a><script>alert(1)</script>")
    ok(len(planted.evil) == 3, "planted markup is seen", planted.evil)
    end()


if __name__ == "__main__":
    main()
