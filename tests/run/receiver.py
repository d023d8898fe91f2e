"""receiver.py: a webhook's other end. Answers as the words of a plan say, one a request, then with
200; writes a line for each request: id, whether its signature is right, how many were under way
with that id, path, body.

	receiver.py SECRET PLAN-FILE LOG-FILE      (prints its port)
"""
import hashlib
import hmac
import http.server
import json
import sys
import threading
import time

secret, plan_file, log_file = sys.argv[1:]
lock = threading.Lock()
under_way = {}


def next_word():
    with lock:
        words = open(plan_file).read().split()
        open(plan_file, "w").write(" ".join(words[1:]))
        return words[0] if words else "200"


def is_signed(header, body):
    parts = dict(part.split("=", 1) for part in header.split(","))
    wanted = hmac.new(secret.encode(), parts["t"].encode() + b"." + body, hashlib.sha256)
    return abs(time.time() - int(parts["t"])) < 60 and hmac.compare_digest(
        wanted.hexdigest(), parts["v1"])


class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        event = self.headers.get("promptbuilder-event", "")
        with lock:
            under_way[event] = under_way.get(event, 0) + 1
            line = [event, is_signed(self.headers.get("promptbuilder-signature", ""), body),
                    under_way[event], self.path, dict(self.headers), json.loads(body)]
            with open(log_file, "a") as log:
                log.write(json.dumps(line) + "\n")
        self.answer(next_word())
        with lock:
            under_way[event] -= 1

    def answer(self, word):
        if word == "hang":
            time.sleep(3)
            return
        if word == "slow":
            time.sleep(0.3)
        status = int(word) if word.isdigit() else 200
        body = b"x" * (1 << 20 if word == "long" else 2)
        try:
            self.send_response(status)
            self.send_header("content-length", str(len(body)))
            if status == 302:
                self.send_header("location", "/moved")
            self.end_headers()
            self.wfile.write(body)
        except OSError:
            pass

    def log_message(self, *arguments):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(server.server_port, flush=True)
server.serve_forever()
