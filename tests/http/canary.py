#!/usr/bin/env python3
"""canary.py: looks for secrets where none may be; prints a line for each that it finds.

	canary.py SECRETS PATH...   in files, and in all files of folders
	canary.py SECRETS proc      in the command lines of all processes

SECRETS has lines of a name, a tab and a text. Found are the text itself and the text in hexadecimal
and base64.
"""
import base64
import os
import sys


def spellings(text):
    data = text.encode()
    yield data
    yield data.hex().encode()
    for shift in range(3):  # whatever stands in front, without the characters that it touches
        yield base64.b64encode(b"\0" * shift + data)[4 if shift else 0:-4]


def files(paths):
    for path in paths:
        if os.path.isfile(path):
            yield path
        for folder, _, names in os.walk(path):
            yield from (os.path.join(folder, name) for name in names)


def contents(places):
    if places == ["proc"]:
        places = [f"/proc/{pid}/cmdline" for pid in os.listdir("/proc") if pid.isdigit()]
    else:
        places = [path for path in files(places) if os.path.isfile(path)]
    for path in places:
        try:
            with open(path, "rb") as file:
                yield path, file.read()
        except (FileNotFoundError, ProcessLookupError):
            pass  # it has ended


with open(sys.argv[1], encoding="utf-8") as lines:
    secrets = [line.rstrip("\n").split("\t") for line in lines]
if not secrets:
    raise SystemExit("no secrets are named")
for place, content in contents(sys.argv[2:]):
    for name, text in secrets:
        if any(spelling in content for spelling in spellings(text)):
            print(f"{name} in {place}")
