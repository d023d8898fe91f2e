#!/usr/bin/env python3
"""edit.py: edits and differences for edit_test.sh; prints TAP lines.

	edit.py URL VERSION   VERSION is the id of v1, whose v2 is there, too

The environment has A_TOKEN, VIEWER_TOKEN and DATABASE_URL.
"""
import concurrent.futures
import hashlib
import html
import json
import os
import random
import re
import sys
import time
import urllib.parse

import walk
from tap import end, ok

MEGABYTE = 1 << 20
FORM = "application/x-www-form-urlencoded"
random.seed(4)


def api(method, path, fields=None, token="A_TOKEN", key=None):
    headers = {"Authorization": "Bearer " + os.environ[token]}
    if key:
        headers["Idempotency-Key"] = key
    body = None if fields is None else json.dumps(fields) if isinstance(fields, dict) else fields
    status, headers, text = walk.ask(method, "/api" + path, headers, body,
                                     "application/json" if body is not None else None)
    return status, json.loads(text), dict(headers)


def edit(version, content, **more):
    return api("POST", f"/prompt-versions/{version}/edit", {"content": content, **more})


def stored(version):
    return api("GET", f"/prompt-versions/{version}")[1]


def apply(old, hunks):
    """The old text with the hunks' lines in it: what the new one must be."""
    lines = re.findall(r"[^\n]*\n|[^\n]+$", old)
    out, at = [], 0
    for hunk in hunks:
        out += lines[at:hunk["old_from"] - 1]
        at = hunk["old_from"] - 1
        for line in hunk["lines"]:
            whole = line["text"] + ("" if line.get("no_newline") else "\n")
            parts = line.get("parts")
            if parts and "".join(p["text"] for p in parts) != line["text"]:
                return "the parts are not the line"
            if line["kind"] != "insert":
                if lines[at] != whole:
                    return f"line {at + 1} is not the old one"
                at += 1
            if line["kind"] != "delete":
                out.append(whole)
    return "".join(out + lines[at:])


NASTY = ["a", "no line end", "a\r\nb\r\n", "\r\r\n\n\r", "\n\n\nlast", "\ttab\n \n", "\ufeffBOM",
         "\u2028\u2029", "👩‍👩‍👧 e\u0301 \u0301", "</textarea><script>alert(1)</script>\n",
         "`${x}` \\ \\n ' \" \\u0041", "%00 &amp; +", "x" * 70000 + "\n", "ü\n" * 2000]
SHARDS = ["\n", "\n", "\r\n", "word ", "ü", "日本", " ", "<b>", "same line\n", "- item\n", "."]


def texts_are_kept(first):
    known = stored(first)["prompt_content"]
    texts = NASTY + ["".join(random.choices(SHARDS, k=random.randrange(1, 300)))
                     for _ in range(60)]
    parent, before = first, known
    for number, text in enumerate(texts):
        if not text.strip(" \t\r\n"):
            continue
        status, made, _ = edit(parent, text)
        if status == 409:
            continue
        now = stored(made.get("id", parent))
        good = status == 201 and now["prompt_content"] == text and \
            now["prompt_hash"] == hashlib.sha256(text.encode()).hexdigest()
        ok(good, f"text {number} is kept to the byte", status, made)
        for context, view in (("all", "side"), (str(random.randrange(5)), "unified")):
            got = api("GET", f"/prompt-versions/{made['id']}/diff?context={context}&view={view}")
            ok(got[0] == 200 and apply(before, got[1]["hunks"]) == text,
               f"text {number}: its hunks lead to it", got[0], repr(before[:80]), repr(text[:80]))
        parent, before = (made["id"], text) if number % 3 else (parent, before)


def forms(first):
    a = walk.Session("acme", os.environ["A_TOKEN"])
    path = f"/prompt-versions/{first}/edit"
    page = walk.ask("GET", path, a.headers)[2]
    ok('name="score" value="true" checked' in page, "a form offers a score")
    fields = {"content": "\r\n two\r\nlines \r\n", "message": "By form", "score": "true"}
    status, headers, _ = walk.ask("POST", path, a.headers,
                                  urllib.parse.urlencode({**fields, "csrf": a.csrf}), FORM)
    location = dict(headers).get("Location", "")
    ok(status == 303 and location.startswith("/prompt-versions/"), "a form makes one", status)
    made = location.rsplit("/", 1)[1]
    now = stored(made)
    ok(now["prompt_content"] == "\n two\nlines \n", "its lines end with LF, spaces stay",
       repr(now["prompt_content"]))
    ok(now["score_run"]["status"] == "queued" and now["message"] == "By form" and
       now["parent"]["version"] == "v1" and now["created_by"] == "The acme company",
       "with its run, message, parent and author", now)
    page = walk.ask("GET", location + "/edit", a.headers)[2]
    shown = html.unescape(re.search("<textarea[^>]*>(.*?)</textarea>", page, re.S)[1])
    ok(shown == "\n" + now["prompt_content"], "and is shown as it is", repr(shown))
    for path in (location, location + "/diff", location + "/diff?view=side&context=all"):
        status, _, page = walk.ask("GET", path, a.headers)
        ok(status == 200 and "<h1>" in page, f"there is a page {path.replace(made, 'ID')}", status)
    big = "日" * (MEGABYTE // 3) + "x" * (MEGABYTE % 3)
    for text, wanted in ((big, 303), (big + "x", 422)):
        status, _, page = walk.ask(
            "POST", f"/prompt-versions/{first}/edit", a.headers,
            urllib.parse.urlencode({"content": text, "csrf": a.csrf}), FORM)
        ok(status == wanted, f"{len(text.encode())} bytes by form", status, page[:300])
    ok("Prompt may have at most 1048576 bytes; there are 1048577." in page and text in page,
       "too long a text is told of, and kept in the form")


def sizes_and_bytes(first):
    path = f"/prompt-versions/{first}/edit"
    a = walk.Session("acme", os.environ["A_TOKEN"])
    for mark in "<\"":
        status, made, _ = edit(first, mark * MEGABYTE)
        ok(status == 201, f"a megabyte of {mark}", status)
        for page in ("", "/edit", "/diff"):
            status = walk.ask("GET", f"/prompt-versions/{made['id']}{page}", a.headers)[0]
            ok(status == 200, f"and its page{page}", status)
    status, problem, _ = edit(first, "y" * (MEGABYTE + 1))
    ok(status == 422 and "1048576 bytes" in str(problem), "a byte more", status, problem)
    for name, body in (("a NUL", '{"content": "a\\u0000"}'), ("invalid UTF-8", b'{"content": "\xff"}'),
                       ("a half surrogate", '{"content": "\\ud800"}'),
                       ("a control character", '{"content": "\\u0007"}'), ("nothing", "{}"),
                       ("spaces", '{"content": " \\n"}'), ("a number", '{"content": 1}'),
                       ("an unknown field", '{"content": "z", "status": "final"}'),
                       ("a long message", '{"content": "z", "message": "%s"}' % ("m" * 501))):
        status, problem, _ = api("POST", path, body)
        ok(status in (400, 422), f"{name} is refused", status, problem)


def crowds(first):
    with concurrent.futures.ThreadPoolExecutor(12) as pool:
        made = list(pool.map(lambda n: edit(first, f"crowd {n}"), range(24)))
        same = list(pool.map(lambda n: edit(first, "all the same"), range(24)))
    numbers = sorted(int(m[1]["version"][1:]) for m in made if m[0] == 201)
    ok(len(numbers) == 24 and numbers == list(range(numbers[0], numbers[0] + 24)),
       "numbers are given out one after another", numbers, [m[0] for m in made])
    codes = sorted(m[0] for m in same)
    ok(codes == [201] + [409] * 23, "a text is made once", codes)
    name = next(m[1]["version"] for m in same if m[0] == 201)
    ok(all(m[1]["detail"].startswith(name + " has this text already") for m in same
           if m[0] == 409), "the others are told which version it is", same[0])


def scores(first):
    made = edit(first, "to be scored")[1]["id"]
    path = f"/prompt-versions/{made}/score"
    status, run, headers = api("POST", path, {}, key="once")
    ok(status == 202 and headers["Location"].endswith(run["pipeline_id"]), "a run is queued", run)
    again = api("POST", path, {}, key="once")
    ok(again[0] == 202 and again[1]["id"] == run["id"], "the same key, the same run", again)
    ok(api("POST", path, {})[0] == 409, "one at a time")
    ok(api("POST", path, {"model": "gpt"}, key="other")[0] == 422, "a model without a price")
    ok(api("POST", f"/prompt-versions/{first}/score", {})[0] == 409, "it has a score already")
    shown = api("GET", f"/pipeline-runs/{run['id']}")[1]
    ok(shown["kind"] == "score" and shown["scored_version"]["id"] == made, "the run tells", shown)
    listed = api("GET", "/pipeline-runs?limit=1")[1]["pipeline_runs"][0]
    ok(listed["kind"] == "score" and listed["scored_version"], "so does the list", listed)
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        other = edit(first, "scored by a crowd")[1]["id"]
        codes = sorted(pool.map(
            lambda n: api("POST", f"/prompt-versions/{other}/score", {})[0], range(8)))
    ok(codes == [202] + [409] * 7, "a crowd queues one", codes)
    for what in ("edit", "score"):
        status = api("POST", f"/prompt-versions/{first}/{what}", {"content": "v"},
                     "VIEWER_TOKEN")[0]
        ok(status == 403, f"a viewer may not {what}", status)


def large_differences(first):
    # Every line differs; then lines that are easy to confuse.
    shapes = {"distinct": lambda side, n: f"{side}{n:x}\n",
              "confused": lambda side, n: random.choice("ab") + "\n"}
    for name, line in shapes.items():
        sides = ["".join(line(side, n) for n in range(MEGABYTE // 7)) for side in "on"]
        old = edit(first, sides[0])[1]["id"]
        new = edit(old, sides[1])[1]["id"]
        begin = time.monotonic()
        status, got, _ = api("GET", f"/prompt-versions/{new}/diff?context=all&view=side")
        took = time.monotonic() - begin
        ok(status == 200 and got["is_cut"], f"{name}: the difference is told, and cut", status)
        ok(took < 5, f"{name}: in time ({took:.2f} s, at most 5 on a busy machine)", took)
        print(f"# {name}: {took:.2f} s, is_coarse {got['is_coarse']}")


def main():
    url, first = sys.argv[1:]
    walk.host = urllib.parse.urlsplit(url).netloc
    for check in (texts_are_kept, forms, sizes_and_bytes, crowds, scores, large_differences):
        check(first)
    end()


if __name__ == "__main__":
    main()
