#!/usr/bin/env python3
"""timing.py: whether two kinds of refused sign-ins can be told apart by how long they take.

	timing.py URL SAMPLES SLUG SLUG RUN

Asks for one slug and the other in turn, each time from an address of its own (RUN, a small number,
tells which), and prints z of the rank-sum test of Mann and Whitney: beyond 4 on either side the two
differ (one chance in 16,000).
"""
import http.client
import math
import re
import socket
import sys
import time
import urllib.parse

url, samples, slugs = sys.argv[1], int(sys.argv[2]), sys.argv[3:5]
host, port = urllib.parse.urlsplit(url).netloc.split(":")
counter = int(sys.argv[5]) * 10000


def ask(method, path, body=None, headers=None):
    """From the next address of 127/8."""
    global counter
    counter += 1
    source = f"127.{100 + counter // 64516}.{1 + counter // 254 % 254}.{1 + counter % 254}"
    connection = http.client.HTTPConnection(host, int(port), timeout=20, source_address=(source, 0))
    connection.connect()
    connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    began = time.perf_counter()
    connection.request(method, path, body, headers or {})
    answer = connection.getresponse()
    text = answer.read().decode()
    took = time.perf_counter() - began
    connection.close()
    return took, answer.status, text


form = re.search('name="csrf" value="([^"]+)"', ask("GET", "/session")[2])[1]
headers = {"Cookie": f"promptbuilder_form={form}",
           "Content-Type": "application/x-www-form-urlencoded"}
times = {slug: [] for slug in slugs}
for n in range(samples + 20):
    for slug in slugs if n % 2 else slugs[::-1]:
        took, status, _ = ask("POST", "/session", urllib.parse.urlencode(
            {"csrf": form, "slug": slug, "token": f"wrong_token_{n:010d}"}), headers)
        if status != 401:
            raise SystemExit(f"{slug}: {status}")
        if n >= 20:
            times[slug].append(took)

first, second = times.values()
ranked = sorted([(t, 0) for t in first] + [(t, 1) for t in second])
ranks = sum(i + 1 for i, (_, which) in enumerate(ranked) if which == 0)
a, b = len(first), len(second)
z = (ranks - a * (a + b + 1) / 2) / math.sqrt(a * b * (a + b + 1) / 12)
print(f"{z:.1f}")
