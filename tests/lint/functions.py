#!/usr/bin/env python3
"""Lists functions that are too long, too deep or take too much, in K&R source with tabs."""
import re
import sys

LONGEST, USUAL, ARGUMENTS, NESTING = 80, 60, 5, 3
HEAD = re.compile(r"\b([a-z_][a-z0-9_]*)\((.*)\)\s*$", re.S)
# What a library calls, or a contract with many users, has the arguments it has.
EXCUSED = {"on_request", "form_read"}


def arguments_of(head):
    match = HEAD.search(head)
    if not match or match.group(2).strip() in ("", "void"):
        return 0
    depth, count = 0, 1
    for c in match.group(2):
        depth += (c == "(") - (c == ")")
        count += c == "," and depth == 0
    return count


def nesting_of(body):
    """Deepest indentation of a statement that opens a block, the function's own level being 0."""
    deepest = 0
    for line in body:
        if re.match(r"^\t+(if|for|while|do|switch|else|\} else)\b", line):
            deepest = max(deepest, len(line) - len(line.lstrip("\t")))
    return deepest


def functions(path):
    lines = open(path, encoding="utf-8").read().split("\n")
    for start, line in enumerate(lines):
        if line != "{":
            continue
        head = start - 1
        while head > 0 and lines[head - 1] and not lines[head - 1].startswith(("#", "}", "/*", " *")) \
                and not lines[head - 1].endswith((";", "*/")):
            head -= 1
        end = lines.index("}", start)
        name = HEAD.search(" ".join(lines[head:start]))
        yield (name.group(1) if name else "?", start + 1, lines[start + 1:end],
               arguments_of(" ".join(lines[head:start])))


def main(paths):
    lengths = []
    for path in paths:
        for name, line, body, arguments in functions(path):
            lengths.append(len(body))
            if len(body) > LONGEST:
                print(f"{path}:{line}: {name} has {len(body)} lines")
            if arguments > ARGUMENTS and name not in EXCUSED:
                print(f"{path}:{line}: {name} takes {arguments} arguments")
            if nesting_of(body) > NESTING:
                print(f"{path}:{line}: {name} nests {nesting_of(body)} deep")
    lengths.sort()
    if lengths and lengths[len(lengths) * 95 // 100] > USUAL:
        print(f"the 95th percentile of lengths is {lengths[len(lengths) * 95 // 100]}")


main(sys.argv[1:])
