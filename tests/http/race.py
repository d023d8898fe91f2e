#!/usr/bin/env python3
"""race.py: sends one request of the API many times at once, for version_test.sh.

	race.py COUNT URL TOKEN PATH JSON   prints how often each status was answered, "1 200, 19 409"

All connections are open before the first byte of any request is sent.
"""
import collections
import http.client
import sys
import threading
import urllib.parse

count, url, token, path, body = sys.argv[1:]
host = urllib.parse.urlsplit(url).netloc
barrier = threading.Barrier(int(count))
statuses = collections.Counter()


def send():
    connection = http.client.HTTPConnection(host, timeout=60)
    connection.connect()
    barrier.wait()
    connection.request("POST", "/api" + path, body, {
        "Authorization": f"Bearer {token}", "Content-Type": "application/json"})
    answer = connection.getresponse()
    answer.read()
    statuses[answer.status] += 1


threads = [threading.Thread(target=send) for _ in range(int(count))]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(", ".join(f"{n} {status}" for status, n in sorted(statuses.items())))
