#!/usr/bin/env python3
"""google.py: a stand-in for Google's token server and spreadsheets, as far as rows are written.

    tests/run/google.py PUBLIC-KEY ADDRESS SPREADSHEET TAB

Prints its address, then serves until it is killed. It checks the assertion with the public key,
appends where Google would (after the last row of the table found at the range), stores text as text
and numbers as doubles, and does what it is told wrong: POST /fake/faults with {"token": [...],
"append": [...], "get": [...]}, each fault for one request, in turn. GET /fake/rows is the tab, PUT
/fake/rows changes it behind the writer's back, GET /fake/stats has what was asked and what must
never be seen.
"""
import base64
import json
import re
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PUBLIC_KEY, ADDRESS, SPREADSHEET, TAB = sys.argv[1:5]
SCOPE = "https://www.googleapis.com/auth/spreadsheets"
GRID_ROWS = 1000
lock = threading.RLock()
grid = []  # rows of cells; None: empty
tokens = {}  # token: until when it is good
faults = {"token": [], "append": [], "get": []}
stats = {"token": 0, "append": 0, "get": 0, "rows": 0, "wrong": [], "close": 0}
appending = 0
last_request = 0.0


def wrong(what):
    with lock:
        stats["wrong"].append(what)


def decode(part):
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def is_signed(text, signature):
    with tempfile.NamedTemporaryFile() as file:
        file.write(signature)
        file.flush()
        return subprocess.run(["openssl", "dgst", "-sha256", "-verify", PUBLIC_KEY, "-signature",
                               file.name], input=text, capture_output=True).returncode == 0


def fault_of(assertion, base):
    """What is wrong with an assertion, as Google says it; None: nothing."""
    head, claims, signature = assertion.split(".")
    header, claim = json.loads(decode(head)), json.loads(decode(claims))
    if header.get("alg") != "RS256" or header.get("typ") != "JWT":
        return "invalid_grant", "Invalid JWT: header"
    if not is_signed(f"{head}.{claims}".encode(), decode(signature)):
        return "invalid_grant", "Invalid JWT Signature."
    if claim.get("iss") != ADDRESS:
        return "invalid_grant", "Invalid grant: account not found"
    if claim.get("aud") != base + "/token" or claim.get("scope") != SCOPE:
        return "invalid_scope", "Invalid OAuth scope or ID token audience provided."
    if abs(claim["iat"] - time.time()) > 60 or not 0 < claim["exp"] - claim["iat"] <= 3600:
        return "invalid_grant", ("Invalid JWT: Token must be a short-lived token (60 minutes) and in"
                                 " a reasonable timeframe. Check your iat and exp values in the JWT"
                                 " claim.")
    return None


# ---- The tab. ----

def cell(row, column):
    return grid[row][column] if row < len(grid) and 0 <= column < len(grid[row]) else None


def is_filled(row, column):
    return row >= 0 and cell(row, column) not in (None, "")


def table_at(row, column):
    """Top, left, bottom, right of the block of cells around a filled one."""
    top, left, bottom, right = row, column, row, column

    def across(r):
        return any(is_filled(r, c) for c in range(left - 1, right + 2))

    def along(c):
        return any(is_filled(r, c) for r in range(top - 1, bottom + 2))

    while True:
        before = top, left, bottom, right
        while across(bottom + 1):
            bottom += 1
        while across(top - 1):
            top -= 1
        left -= along(left - 1)
        right += along(right + 1)
        if (top, left, bottom, right) == before:
            return before


def find_place():
    """Row and column that an append at A1 goes to."""
    filled = [(r, c) for r in range(len(grid)) for c in range(len(grid[r])) if is_filled(r, c)]
    if not filled:
        return 0, 0
    _, left, bottom, _ = table_at(*filled[0])
    return bottom + 1, left


def append(rows):
    """Inserts the rows after the table; the range that they take."""
    with lock:
        at, left = find_place()
        for number, row in enumerate(rows):
            for value in row:
                if isinstance(value, (dict, list)):
                    raise ValueError("a cell is text, a number or a truth")
            grid.insert(at + number, [None] * left + [None if v is None else v for v in row])
        stats["rows"] += len(rows)
        last = chr(ord("A") + left + max(map(len, rows)) - 1)
        return f"'{TAB}'!{chr(ord('A') + left)}{at + 1}:{last}{at + len(rows)}"


def read(first, last, from_row, to_row):
    with lock:
        rows = [list(row[first:last + 1]) for row in grid[from_row - 1:to_row]]
    rows = [["" if v is None else v for v in row] for row in rows]
    for row in rows:
        while row and row[-1] == "":
            row.pop()
    while rows and not rows[-1]:
        rows.pop()
    return rows


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def answer(self, status, body, kind="application/json; charset=UTF-8", headers=()):
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    def error(self, status, code, message, headers=()):
        self.answer(status, {"error": {"code": status, "message": message, "status": code}},
                    headers=headers)

    def body(self):
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def cut(self):
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def simple(self, fault):
        """Faults of any request, before anything has happened; whether this is one."""
        html = b"<html><body>That is an error.</body></html>"
        if fault == "429-html":
            self.answer(429, html, "text/html")
        elif fault == "429":
            self.error(429, "RESOURCE_EXHAUSTED", "Quota exceeded for quota metric 'Write requests'"
                       " and limit 'Write requests per minute per user'", [("Retry-After", "2")])
        elif fault == "500":
            self.answer(500, html, "text/html")
        elif fault == "401":
            self.error(401, "UNAUTHENTICATED", "Request had invalid authentication credentials.")
        elif fault == "403":
            self.error(403, "PERMISSION_DENIED", "The caller does not have permission")
        elif fault == "403-off":
            self.error(403, "PERMISSION_DENIED", "Google Sheets API has not been used in project 1"
                       " before or it is disabled.")
        elif fault == "302":
            self.answer(302, b"", headers=[("Location", "/fake/rows")])
        elif fault == "cut":
            self.cut()
        elif fault == "hang":
            time.sleep(5)
            self.cut()
        elif fault == "html":
            self.answer(200, html, "text/html")
        else:
            return False
        return True

    # -- Tokens. --

    def post_token(self):
        form = urllib.parse.parse_qs(self.body().decode())
        fault = self.fault("token")
        base = f"http://{self.headers['Host']}"
        if form.get("grant_type") != ["urn:ietf:params:oauth:grant-type:jwt-bearer"]:
            return self.answer(400, {"error": "unsupported_grant_type"})
        if self.simple(fault):
            return None
        problem = fault_of(form["assertion"][0], base)
        if fault == "skew":
            problem = ("invalid_grant", "Invalid JWT: Token must be a short-lived token")
            self.date_time_string = lambda *_: "Thu, 01 Jan 2026 00:00:00 GMT"
        if fault == "deleted":
            problem = ("invalid_grant", "Invalid JWT Signature.")
        if problem:
            return self.answer(400, {"error": problem[0], "error_description": problem[1]})
        token = f"ya29.{len(tokens)}-{time.time_ns()}"
        tokens[token] = time.time() + (0 if fault == "expired" else 3600)
        return self.answer(200, {"access_token": token, "expires_in": 3599, "token_type": "Bearer"})

    def is_allowed(self):
        token = self.headers.get("Authorization", "").removeprefix("Bearer ")
        if tokens.get(token, 0) > time.time():
            return True
        self.error(401, "UNAUTHENTICATED", "Request had invalid authentication credentials.")
        return False

    # -- Values. --

    def fault(self, kind):
        with lock:
            stats[kind] += 1
            return faults[kind].pop(0) if faults[kind] else None

    def spacing(self):
        global last_request
        with lock:
            now = time.monotonic()
            if now - last_request < 0.9:
                stats["close"] += 1
            last_request = now

    def place(self):
        """The range that the path names, as a match; answers itself when there is none."""
        path = urllib.parse.urlsplit(self.path).path
        match = re.fullmatch(r"/v4/spreadsheets/([^/]+)/values/([^/]+?)(:append)?", path)
        if not match:
            self.answer(404, b"<html>not found</html>", "text/html")
            return None
        if urllib.parse.unquote(match[1]) != SPREADSHEET:
            self.error(404, "NOT_FOUND", "Requested entity was not found.")
            return None
        span = urllib.parse.unquote(match[2])
        tab, _, cells = span.rpartition("!")
        place = re.fullmatch(r"([A-Z])(\d*):([A-Z])(\d*)", cells)
        if not place or tab != "'" + TAB.replace("'", "''") + "'":
            self.error(400, "INVALID_ARGUMENT", f"Unable to parse range: {span}")
            return None
        return place

    def post_append(self):
        global appending
        query = urllib.parse.parse_qs(urllib.parse.urlsplit(self.path).query)
        body = json.loads(self.body())
        self.spacing()
        fault = self.fault("append")
        if self.simple(fault) or not self.is_allowed() or not self.place():
            return
        if query.get("valueInputOption") != ["RAW"] or query.get("insertDataOption") != [
                "INSERT_ROWS"]:
            wrong("an append that is not RAW and INSERT_ROWS")
        with lock:
            appending += 1
            if appending > 1:
                wrong("two appends at once")
        if fault == "late":  # it is committed after nobody listens any more
            self.cut()
            time.sleep(0.7)
        if fault == "slow":
            time.sleep(0.5)
        span = append(body["values"])
        with lock:
            appending -= 1
        if fault == "late":
            return
        if fault == "commit-hang":
            time.sleep(5)
            return self.cut()
        if fault == "commit-cut":
            return self.cut()
        if fault == "commit-503":
            return self.answer(503, b"<html>backend error</html>", "text/html")
        if fault == "commit-html":
            return self.answer(200, b"<html>ok</html>", "text/html")
        if fault == "commit-drip":
            return self.drip()
        if fault == "commit-huge":
            return self.flood()
        self.answer(200, {"spreadsheetId": SPREADSHEET, "tableRange": f"'{TAB}'!A1:S1", "updates": {
            "spreadsheetId": SPREADSHEET, "updatedRange": span,
            "updatedRows": len(body["values"]), "updatedColumns": 19}})

    def drip(self):
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", "1000")
        self.end_headers()
        for _ in range(100):
            try:
                self.wfile.write(b" ")
                self.wfile.flush()
            except OSError:
                return
            time.sleep(0.1)

    def flood(self):
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(1 << 30))
        self.end_headers()
        try:
            for _ in range(1 << 14):
                self.wfile.write(b" " * (1 << 16))
        except OSError:
            self.close_connection = True

    def get_values(self):
        query = urllib.parse.parse_qs(urllib.parse.urlsplit(self.path).query)
        self.spacing()
        fault = self.fault("get")
        if self.simple(fault) or not self.is_allowed():
            return None
        place = self.place()
        if not place:
            return None
        from_row = int(place[2] or 1)
        limit = max(GRID_ROWS, len(grid))
        if from_row > limit:
            return self.error(400, "INVALID_ARGUMENT", f"Range ('{TAB}'!{place[0]}) exceeds grid"
                              f" limits. Max rows: {limit}, max columns: 26")
        rows = read(ord(place[1]) - 65, ord(place[3]) - 65, from_row, int(place[4] or limit))
        answer = {"range": f"'{TAB}'!{place[0]}", "majorDimension": "ROWS"}
        if query.get("majorDimension") == ["COLUMNS"]:
            answer["majorDimension"] = "COLUMNS"
            rows = [[row[0] if row else "" for row in rows]] if rows else []
        if rows:
            answer["values"] = rows
        return self.answer(200, answer)

    # -- The way in. --

    def do_POST(self):
        if self.path == "/token":
            self.post_token()
        elif self.path == "/fake/faults":
            wanted = json.loads(self.body())
            with lock:
                for kind in faults:
                    faults[kind] = wanted.get(kind, [])
            self.answer(200, {})
        elif self.path == "/fake/expire":
            tokens.clear()
            self.answer(200, {})
        else:
            self.post_append()

    def do_GET(self):
        if self.path == "/fake/rows":
            self.answer(200, grid)
        elif self.path == "/fake/stats":
            self.answer(200, stats)
        else:
            self.get_values()

    def do_PUT(self):
        with lock:
            grid[:] = json.loads(self.body())
        self.answer(200, {})


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        if not isinstance(sys.exc_info()[1], OSError):
            wrong(repr(sys.exc_info()[1]))


server = Server(("127.0.0.1", 0), Handler)
print(f"http://127.0.0.1:{server.server_port}", flush=True)
server.serve_forever()
