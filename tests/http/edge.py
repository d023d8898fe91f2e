#!/usr/bin/env python3
"""edge.py: broken HTTP for nginx, and broken FastCGI for the workers; prints TAP lines.

	edge.py http  URL          requests that are none; each gets the answer of its row, or is cut
	edge.py fcgi  URL SOCKET   conversations that are none; after each the next request is answered
	edge.py slow  URL          hundreds of clients that never end; others are answered
	edge.py codes URL KIND     one error of nginx's own: file, page or api; prints what is wrong
"""
import os
import socket
import struct
import sys
import time

from tap import end, ok
from wire import Broken, Wire, head_read

netloc = os.path.basename(sys.argv[2].rstrip("/"))


# ---- HTTP. ----

H, L = b"Host: x\r\n", b"\r\n\r\n"
CL = b"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: "
CHUNKED = b"Content-Type: application/x-www-form-urlencoded\r\nTransfer-Encoding: chunked\r\n\r\n"
POST = b"POST /session HTTP/1.1\r\n" + H
GET = b"GET /healthz HTTP/1.1\r\n" + H
ROWS = [  # what is sent, and the statuses it may have; 0: cut without an answer
    ("a good request", GET + b"\r\n", {200}),
    ("a good form", POST + CL + b"3\r\n\r\nx=y", {403}),
    ("a good form in chunks", POST + CHUNKED + b"3\r\nx=y\r\n0\r\n\r\n", {403}),
    ("two lengths", POST + CL + b"3\r\nContent-Length: 4\r\n\r\nx=yz", {400}),
    ("two equal lengths", POST + CL + b"3\r\nContent-Length: 3\r\n\r\nx=y", {400}),
    ("a list of lengths", POST + CL + b"3, 3\r\n\r\nx=y", {400}),
    ("a length and chunks", POST + CL + b"3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", {400}),
    ("chunks and a length", POST + b"Transfer-Encoding: chunked\r\n" + CL + b"3\r\n\r\n0\r\n\r\n",
     {400}),
    ("two encodings", POST + b"Transfer-Encoding: chunked\r\n" + CHUNKED + b"0\r\n\r\n", {400}),
    ("chunks twice", POST + b"Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n", {400, 501}),
    ("an unknown encoding", POST + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", {400, 501}),
    ("gzip as encoding", POST + b"Transfer-Encoding: gzip\r\n\r\nx", {400, 501}),
    ("an encoding after a tab", POST + b"Transfer-Encoding:\tchunked\r\n\r\n0\r\n\r\n", {400, 501}),
    ("an encoding with a blank in its name", POST + b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
     {400}),
    ("chunks in HTTP/1.0", b"POST /session HTTP/1.0\r\n" + H + CHUNKED + b"0\r\n\r\n", {400}),
    ("a negative length", POST + CL + b"-1\r\n\r\n", {400}),
    ("a length with a plus", POST + CL + b"+3\r\n\r\nx=y", {400}),
    ("a length of text", POST + CL + b"3x\r\n\r\nx=y", {400}),
    ("a length in hexadecimal", POST + CL + b"0x3\r\n\r\nx=y", {400}),
    ("a length of 20 digits", POST + CL + b"18446744073709551619\r\n\r\nx=y", {400, 413}),
    ("a length of 40 digits", POST + CL + b"9" * 40 + b"\r\n\r\nx", {400, 413}),
    ("a length of 10 GB", POST + CL + b"10000000000\r\n\r\nx", {413}),
    ("a chunk of no number", POST + CHUNKED + b"x\r\nx=y\r\n0\r\n\r\n", {400}),
    ("a negative chunk", POST + CHUNKED + b"-3\r\nx=y\r\n0\r\n\r\n", {400}),
    ("a chunk that overflows", POST + CHUNKED + b"f" * 17 + b"\r\nx\r\n0\r\n\r\n", {400, 413}),
    ("a chunk of 2^63", POST + CHUNKED + b"8000000000000000\r\nx\r\n0\r\n\r\n", {400, 413}),
    ("a chunk longer than said", POST + CHUNKED + b"1\r\nx=y\r\n0\r\n\r\n", {400}),
    ("a folded header", GET + b"X-A: 1\r\n 2\r\n\r\n", {400}),
    ("a header folded by a tab", GET + b"X-A: 1\r\n\t2\r\n\r\n", {400}),
    ("a NUL in a header", GET + b"X-A: 1\x002\r\n\r\n", {400}),
    ("a bare CR in a header", GET + b"X-A: 1\rX-B: 2\r\n\r\n", {400}),
    ("a control byte in a header's name", GET + b"X\x01A: 1\r\n\r\n", {200, 400}),
    ("a header without a colon", GET + b"nothing\r\n\r\n", {200, 400}),
    ("a header without a name", GET + b": x\r\n\r\n", {200, 400}),
    ("no Host", b"GET /healthz HTTP/1.1" + L, {400}),
    ("two Hosts", GET + H + b"\r\n", {400}),
    ("a Host with a path", b"GET /healthz HTTP/1.1\r\nHost: x/y" + L, {400}),
    ("a Host with blanks", b"GET /healthz HTTP/1.1\r\nHost: x y" + L, {400}),
    ("an empty Host", b"GET /healthz HTTP/1.1\r\nHost:" + L, {200, 400}),
    ("%00 in the path", b"GET /%00 HTTP/1.1\r\n" + H + b"\r\n", {400}),
    ("a NUL in the path", b"GET /\x00 HTTP/1.1\r\n" + H + b"\r\n", {400}),
    ("a blank in the path", b"GET /a b HTTP/1.1\r\n" + H + b"\r\n", {400, 404}),
    ("a path above the root", b"GET /../../etc/passwd HTTP/1.1\r\n" + H + b"\r\n", {400}),
    ("an encoded path above the root", b"GET /static/%2e%2e/%2e%2e/x HTTP/1.1\r\n" + H + b"\r\n",
     {400}),
    ("a path that is no path", b"GET healthz HTTP/1.1\r\n" + H + b"\r\n", {400}),
    ("another scheme", b"GET file:///etc/passwd HTTP/1.1\r\n" + H + b"\r\n", {400, 404}),
    ("an address as proxies get it", b"GET http://evil.example/healthz HTTP/1.1\r\n" + H + b"\r\n",
     {200, 400}),
    ("CONNECT", b"CONNECT evil.example:443 HTTP/1.1\r\n" + H + b"\r\n", {400, 405}),
    ("TRACE", b"TRACE / HTTP/1.1\r\n" + H + b"\r\n", {405}),
    ("a method in small letters", b"get /healthz HTTP/1.1\r\n" + H + b"\r\n", {400, 405}),
    ("a method nobody knows", b"FOO_BAR /healthz HTTP/1.1\r\n" + H + b"\r\n", {405}),
    ("HTTP/2 by its preface", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", {400, 405, 505, 0}),
    ("HTTP/3.0", b"GET /healthz HTTP/3.0\r\n" + H + b"\r\n", {400, 505}),
    ("HTTP/1.1x", b"GET /healthz HTTP/1.1x\r\n" + H + b"\r\n", {400}),
    ("no version and a header", b"GET /healthz HTTP/\r\n" + H + b"\r\n", {400}),
    ("no HTTP at all", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\r\n\r\n", {400}),
    ("binary noise", bytes(range(256)) + b"\r\n\r\n", {400}),
    ("a line too long", b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\n" + H + b"\r\n", {414}),
    ("a header too long", GET + b"X-A: " + b"a" * 9000 + b"\r\n\r\n", {400}),
    ("headers of 100 KB", GET + (b"X-A: " + b"a" * 990 + b"\r\n") * 100 + b"\r\n", {400}),
    ("a method override", POST + b"X-HTTP-Method-Override: DELETE\r\n" + CL + b"3\r\n\r\nx=y",
     {403}),
    ("a forged sender", GET + b"X-Forwarded-For: 1.2.3.4\r\nX-Real-IP: 1.2.3.4\r\n\r\n", {200}),
    ("a proxy of ours", GET + b"Proxy: http://evil.example\r\n\r\n", {200}),
    ("an inner header", GET + b"X-Accel-Redirect: /problem.html\r\n\r\n", {200}),
    ("two cookies", GET + b"Cookie: a=b\r\nCookie: a=c\r\n\r\n", {200}),
]


def send_raw(data):
    """Status of the first answer, 0 without one, and all bytes that came."""
    with socket.create_connection(tuple(netloc.split(":")), timeout=5) as link:
        got = b""
        try:
            link.sendall(data)
            while chunk := link.recv(65536):
                got += chunk
                link.settimeout(0.05)  # a kept connection brings no more
        except (ConnectionError, TimeoutError):
            pass
    if not got:
        return 0, b""
    return head_read(got.split(b"\r\n\r\n")[0])[0], got


def http():
    for name, data, wanted in ROWS:
        try:
            status, got = send_raw(data)
            ok(status in wanted and got.count(b"HTTP/1.1 2") <= (status == 200), f"{name}: {status}",
               wanted, got[:300])
        except (Broken, OSError) as error:
            ok(False, name, error)
    smuggled = POST + CL + b"3\r\n\r\nx=yGET /api/nothing HTTP/1.1\r\nHost: x\r\n\r\n"
    _, got = send_raw(smuggled)
    ok(got.count(b"HTTP/1.1 ") == 2, "what follows a body is a request of its own", got[:900])


# ---- FastCGI. ----

def record(kind, content=b"", request=1, version=1, padding=0, length=None):
    return struct.pack(">BBHHBB", version, kind, request,
                       len(content) if length is None else length, padding, 0) + \
        content + b"\0" * padding


def params(**values):
    pairs = {"REQUEST_METHOD": "GET", "DOCUMENT_URI": "/healthz", "QUERY_STRING": "",
             "CONTENT_LENGTH": "", "REMOTE_ADDR": "127.0.0.1", "X_REQUEST_ID": "0" * 32, **values}
    content = b""
    for key, value in pairs.items():
        key, value = key.encode(), value.encode("utf-8", "surrogateescape")
        content += b"".join(struct.pack(">I", len(x) | 1 << 31) for x in (key, value)) + key + value
    return content


BEGIN = record(1, struct.pack(">HB5x", 1, 0))


def request(body=b"", **values):
    content = params(**values)
    parts = [content[i:i + 60000] for i in range(0, len(content), 60000)]
    return BEGIN + b"".join(record(4, p) for p in parts) + record(4) + \
        (record(5, body) if body else b"") + record(5)


FORM = {"REQUEST_METHOD": "POST", "DOCUMENT_URI": "/session",
        "CONTENT_TYPE": "application/x-www-form-urlencoded"}
TALKS = [  # what is said, and what the answer must have; None: anything, also none
    ("a good request", request(), b"Status: 200"),
    ("a length of -1", request(b"x=y", **FORM, CONTENT_LENGTH="-1"), b"Status: 400"),
    ("a length of 2^31", request(b"x=y", **FORM, CONTENT_LENGTH="2147483648"), b"Status: 413"),
    ("a length of 2^63", request(b"x=y", **FORM, CONTENT_LENGTH="9223372036854775808"),
     b"Status: 400"),
    ("a length of 2^64", request(b"x=y", **FORM, CONTENT_LENGTH="18446744073709551616"),
     b"Status: 400"),
    ("a length of 12abc", request(b"x=y", **FORM, CONTENT_LENGTH="12abc"), b"Status: 400"),
    ("an empty length", request(b"x=y", **FORM, CONTENT_LENGTH=""), b"Status: 403"),
    ("a length with a blank", request(b"x=y", **FORM, CONTENT_LENGTH=" 3"), b"Status: 400"),
    ("a body shorter than said", request(b"x=y", **FORM, CONTENT_LENGTH="4000"), b""),
    ("a body longer than said", request(b"x=y&csrf=z", **FORM, CONTENT_LENGTH="3"), b"Status: 403"),
    ("no method", request(REQUEST_METHOD=""), b"Status: 405"),
    ("a method with a line end", request(REQUEST_METHOD="GET\r\nX: y"), b"Status: 405"),
    ("a path with a line end", request(DOCUMENT_URI="/x\r\nX-Evil: y"), b"Status: 400"),
    ("a path of broken bytes", request(DOCUMENT_URI="/\udcff\udcfe"), b"Status: 400"),
    ("a path without its slash", request(DOCUMENT_URI="healthz"), b"Status: 400"),
    ("a path of 100 KB", request(DOCUMENT_URI="/" + "a" * 100000), b"Status: 400"),
    ("an id with a line end", request(X_REQUEST_ID="0" * 32 + "\r\nX-Evil: y"), b"X-Request-Id: -"),
    ("an address that is none", request(REMOTE_ADDR="x\" level=error\n"), b"Status: 200"),
    ("a cookie of 100 KB", request(HTTP_COOKIE="a=" + "b" * 100000), b"Status: 200"),
    ("10,000 parameters", request(**{f"X{i}": "y" for i in range(10000)}), b"Status: 200"),
    ("a pair longer than its record", BEGIN + record(4, b"\xff\xff\xff\xfe\x02ab") + record(4) +
     record(5), None),
    ("lengths that overflow together", BEGIN + record(4, struct.pack(">II", 0xffffffff, 0xffffffff))
     + record(4) + record(5), None),
    ("a huge name", BEGIN + record(4, struct.pack(">IB", 0xfffffffe, 2) + b"x" * 100) + record(4),
     None),
    ("a record of another version", record(1, struct.pack(">HB5x", 1, 0), version=9), None),
    ("a record of no kind", record(99) + BEGIN, None),
    ("a beginning that is too short", record(1, b"\0\1"), None),
    ("another role", record(1, struct.pack(">HB5x", 77, 0)) + record(4) + record(5), None),
    ("two beginnings", BEGIN + BEGIN + record(4, params()) + record(4) + record(5), None),
    ("parameters of a request that was not begun", record(4, params(), request=7) + record(4), None),
    ("an abort in the middle", BEGIN + record(4, params()) + record(2), None),
    ("half a header", b"\1\1\0", None),
    ("half a record", record(1, b"\0\1", length=8), None),
    ("all padding", BEGIN + record(4, b"", padding=255) + record(4) + record(5), None),
    ("noise", bytes((i * 7919) % 256 for i in range(5000)), None),
    ("nothing", b"", None),
]


def talk(path, data):
    got = b""
    with socket.socket(socket.AF_UNIX) as link:
        link.settimeout(5)
        link.connect(path)
        try:
            link.sendall(data)
            link.shutdown(socket.SHUT_WR)
            while chunk := link.recv(65536):
                got += chunk
        except (ConnectionError, BrokenPipeError):
            pass
    text, rest = b"", got
    while len(rest) >= 8:
        kind, length, padding = rest[1], *struct.unpack(">HB", rest[4:7])
        text += rest[8:8 + length] if kind == 6 else b""
        rest = rest[8 + length + padding:]
    return text


def fcgi():
    wire = Wire(netloc)
    for name, data, wanted in TALKS:
        try:
            text = talk(sys.argv[3], data)
            good = wanted is None or (wanted in text if wanted else text == b"")
            ok(good and b"\r\nX-Evil" not in text, name, wanted, text[:300])
        except OSError as error:
            ok(wanted is None, name, error)
        started, status = time.monotonic(), 0
        while status != 200 and time.monotonic() - started < 3:
            try:
                status = wire.ask("GET", "/session").status
            except Broken:
                pass
        took_s = time.monotonic() - started
        ok(status == 200 and took_s < 1, f"after {name} the next request is answered",
           f"status {status} after {took_s:.2f} s")


def slow():
    """120 headers and 80 bodies that stay unfinished, each a byte further now and then."""
    starts = [GET + b"X-A: "] * 120 + [POST + CL + b"100\r\n\r\nx"] * 80
    links, worst_s, wire = [], 0.0, Wire(netloc)
    for data in starts:
        links.append(socket.create_connection(tuple(netloc.split(":")), timeout=5))
        links[-1].sendall(data)
    for _ in range(20):
        for link in links:
            link.sendall(b"x")
        started = time.monotonic()
        ok(wire.ask("GET", "/session").status == 200, "a page is answered beside them")
        worst_s = max(worst_s, time.monotonic() - started)
    ok(worst_s < 1, f"within {worst_s * 1000:.0f} ms")
    for link in links:
        link.close()


def codes():
    wire, kind = Wire(netloc), sys.argv[3]
    asks = {
        "404 file": ("GET", "/static/nothing.css"), "403 file": ("GET", "/static/"),
        "405 file": ("POST", "/static/style.css"), "405 page": ("TRACE", "/"),
        "414 page": ("GET", "/" + "a" * 9000), "414 api": ("GET", "/api/" + "a" * 9000),
        "413 page": ("POST", "/session"), "413 api": ("POST", "/api/cost-entries"),
        "400 page": ("GET", "/%00"), "501 page": ("POST", "/session"),
        "502 page": ("GET", "/costs"), "502 api": ("GET", "/api/costs"),
        "504 page": ("GET", "/costs"), "504 api": ("GET", "/api/costs"),
        "503 page": ("GET", "/costs"), "429 page": ("POST", "/session"),
    }
    method, path = asks[kind]
    headers = {"413": {"Content-Length": "9000000"}, "501": {"Transfer-Encoding": "gzip"},
               "429": {"Content-Length": "0"}}.get(kind[:3], {})
    answer = wire.ask(method, path, headers)
    wrong = answer.faults()
    if answer.status != int(kind[:3]):
        wrong.append(f"status {answer.status}")
    # nginx takes the first line for the whole address, so it cannot know the API's by it.
    if answer.get("content-type") != ("application/problem+json" if "/api/" in path and
                                      kind[:3] != "414" else "text/html; charset=utf-8"):
        wrong.append(answer.get("content-type"))
    print("; ".join(wrong) or "good")


{"http": http, "fcgi": fcgi, "slow": slow, "codes": codes}[sys.argv[1]]()
if sys.argv[1] != "codes":
    end()
