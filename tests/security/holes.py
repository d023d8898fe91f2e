#!/usr/bin/env python3
"""holes.py SOCKET: a web page with every fault that the scanners are to find; it serves tests only."""
import os
import socketserver
import sqlite3
import sys
import urllib.parse
from http.server import BaseHTTPRequestHandler

PAGE = """<!doctype html><title>Holes</title>
<a href="/item?id=1">item</a> <a href="/find?q=a">find</a> <a href="/go?next=/">go</a>
<a href="/file?name=a.txt">file</a>
<form action="/note" method="post"><input name="text" value="a"><button>ok</button></form>"""


class Holes(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.0"

    def log_message(self, *_):
        pass

    def address_string(self):
        return "local"

    def send(self, status, text, **headers):
        self.send_response(status)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(text.encode(errors="replace"))

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        self.send(200, "<p>" + dict(urllib.parse.parse_qsl(body)).get("text", ""))

    def do_GET(self):
        url = urllib.parse.urlsplit(self.path)
        query = dict(urllib.parse.parse_qsl(url.query, keep_blank_values=True))
        hole = getattr(self, "get_" + url.path.strip("/"), None)
        if hole is None:
            return self.send(200 if url.path == "/" else 404, PAGE if url.path == "/" else "none")
        return hole(query)

    def get_item(self, query):
        base = sqlite3.connect(":memory:")
        base.execute("CREATE TABLE item (id integer, name text)")
        base.execute("INSERT INTO item VALUES (1, 'one'), (2, 'two')")
        try:
            rows = base.execute(f"SELECT id, name FROM item WHERE id = {query['id']}").fetchall()
        except (sqlite3.Error, KeyError) as error:
            return self.send(500, f"sqlite3.OperationalError: {error}")
        return self.send(200, "<p>".join(str(row) for row in rows) or "no such item")

    def get_find(self, query):
        self.send(200, f"<p>Nothing is called {query.get('q')}.")

    def get_go(self, query):
        self.send(302, "", Location=urllib.parse.quote(query.get("next", "/"), ":/?&=%#"))

    def get_file(self, query):
        try:
            with open(os.path.join("/usr/share", query.get("name", "")), encoding="utf-8") as file:
                self.send(200, "<pre>" + file.read())
        except (OSError, ValueError):
            self.send(404, "no such file")


class Server(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True

    def get_request(self):
        request, _ = super().get_request()
        return request, ("local", 0)


Server(sys.argv[1], Holes).serve_forever()
