"""tap.py: results of a test in Python, as TAP lines."""
import sys

number = failed = 0


def ok(good, name, *why):
    global number, failed
    number, failed = number + 1, failed + (not good)
    print(("ok" if good else "not ok") + f" {number} - {name}", flush=True)
    for line in () if good else why:
        print("#   " + str(line)[:600].replace("\n", " "), flush=True)


def end():
    print(f"1..{number}", flush=True)
    sys.exit(1 if failed else 0)
