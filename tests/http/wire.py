"""wire.py: HTTP for tests that trust nothing: answers are read byte by byte as RFC 9112 has them,
and every answer must carry the headers that every answer has.
"""
import re
import socket
import urllib.parse

NAMES = set("""allow cache-control clear-site-data connection content-disposition content-encoding
content-length content-security-policy content-type cross-origin-opener-policy
cross-origin-resource-policy date etag keep-alive last-modified accept-ranges location
referrer-policy retry-after server set-cookie strict-transport-security transfer-encoding vary
www-authenticate x-content-type-options x-frame-options x-request-id x-robots-tag""".split())
ALWAYS = {
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'",
    "x-content-type-options": "nosniff", "x-frame-options": "DENY",
    "referrer-policy": "same-origin", "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin", "x-robots-tag": "noindex, nofollow",
}


class Broken(Exception):
    """The answer is not what a strict reader takes."""


class Answer:
    def __init__(self, status, pairs, body):
        self.status, self.pairs, self.body = status, pairs, body

    def get(self, name, preset=""):
        return next((v for k, v in self.pairs if k.lower() == name), preset)

    def faults(self, is_file=False):
        """What is wrong with its headers; an empty list is good."""
        wrong, found = [], {}
        for name, value in self.pairs:
            found.setdefault(name.lower(), []).append(value)
        for name, value in ALWAYS.items():
            if found.get(name) != [value]:
                wrong.append(f"{name}: {found.get(name)}")
        if self.get("cache-control") != ("no-cache" if is_file else "no-store"):
            wrong.append(f"cache-control: {self.get('cache-control')}")
        if not re.fullmatch("[0-9a-f]{32}", self.get("x-request-id")):
            wrong.append(f"x-request-id: {self.get('x-request-id')}")
        if self.body and not re.search(r"(; charset=utf-8(; header=present)?|/(css|javascript|svg.xml|json|plain|"
                                       "problem.json|x-typescript))$", self.get("content-type")):
            wrong.append(f"content-type: {self.get('content-type')}")
        location = self.get("location", "/")
        if not re.fullmatch(r"/(?![/\\])[!-\[\]-~]*", location):
            wrong.append(f"location: {location}")
        return wrong


def head_read(head):
    """Status and headers; Broken unless every line is one of RFC 9112."""
    lines = head.split(b"\r\n")
    first = re.fullmatch(rb"HTTP/1\.[01] ([1-5][0-9][0-9]) [ -~]*", lines[0])
    if not first:
        raise Broken(f"status line {lines[0]!r}")
    pairs = []
    for line in lines[1:]:
        pair = re.fullmatch(rb"([A-Za-z-]+): ?([ -~]*)", line)
        if not pair or pair[1].decode().lower() not in NAMES:
            raise Broken(f"header {line!r}")
        pairs.append((pair[1].decode(), pair[2].decode()))
    return int(first[1]), pairs


class Wire:
    """A connection that is kept, and made anew where it has been closed."""

    def __init__(self, netloc):
        host, port = netloc.split(":")
        self.address, self.netloc, self.socket, self.rest = (host, int(port)), netloc, None, b""

    def more(self):
        got = self.socket.recv(65536)
        if not got:
            raise EOFError
        self.rest += got

    def until(self, mark):
        while mark not in self.rest:
            self.more()
        part, self.rest = self.rest.split(mark, 1)
        return part

    def exactly(self, count):
        while len(self.rest) < count:
            self.more()
        part, self.rest = self.rest[:count], self.rest[count:]
        return part

    def body_read(self, answer, method):
        if method == "HEAD" or answer.status in (204, 304):
            return b""
        if answer.get("transfer-encoding") == "chunked":
            body = b""
            while True:
                size = int(self.until(b"\r\n"), 16)
                body += self.exactly(size)
                if self.exactly(2) != b"\r\n":
                    raise Broken("chunk")
                if size == 0:
                    return body
        if answer.get("content-length"):
            return self.exactly(int(answer.get("content-length")))
        while True:
            try:
                self.more()
            except EOFError:
                body, self.rest = self.rest, b""
                return body

    def once(self, method, head, body):
        if not self.socket:
            self.socket = socket.create_connection(self.address, timeout=20)
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.rest = b""
        self.socket.sendall(head + body)
        answer = Answer(*head_read(self.until(b"\r\n\r\n")), b"")
        answer.body = self.body_read(answer, method)
        if answer.get("connection") == "close":
            self.close()
        return answer

    def close(self):
        if self.socket:
            self.socket.close()
        self.socket = None

    def ask(self, method, path, headers=(), body=None, kind=None):
        lines = [f"{method} {path} HTTP/1.1", f"Host: {self.netloc}"]
        lines += [f"{k}: {v}" for k, v in dict(headers).items()]
        lines += [f"Content-Type: {kind}"] if kind else []
        lines += [f"Content-Length: {len(body)}"] if body is not None else []
        head = "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n"
        try:
            return self.once(method, head, body or b"")
        except (EOFError, ConnectionError):  # kept too long
            self.close()
            try:
                return self.once(method, head, body or b"")
            except (EOFError, ConnectionError) as error:
                self.close()
                raise Broken(f"no answer to {method} {path[:200]}") from error


FORM = "application/x-www-form-urlencoded"


class Session:
    """A browser that is signed in."""

    def __init__(self, netloc, slug, token):
        self.wire = Wire(netloc)
        form = re.search(rb'name="csrf" value="([^"]+)"', self.wire.ask("GET", "/session").body)[1]
        answer = self.wire.ask(
            "POST", "/session", {"Cookie": f"promptbuilder_form={form.decode()}"},
            urllib.parse.urlencode({"csrf": form, "slug": slug, "token": token}).encode(), FORM)
        cookie = [v for k, v in answer.pairs if "promptbuilder_session=" in v]
        if answer.status != 303 or not cookie:
            raise SystemExit(f"Bail out! {slug} cannot sign in: {answer.status}")
        self.headers = {"Cookie": cookie[0].split(";")[0]}
        self.csrf = re.search(rb'name="csrf" value="([^"]+)"',
                              self.get("/sessions").body)[1].decode()

    def get(self, path):
        return self.wire.ask("GET", path, self.headers)

    def post(self, path, fields):
        return self.wire.ask("POST", path, self.headers,
                             urllib.parse.urlencode(fields).encode(), FORM)
