#!/usr/bin/env python3
"""Prints FILE:LINE: TEXT for C files, comments and the contents of literals blanked out.

With --strings only the contents of string literals remain, joined per line."""
import re
import sys

TOKEN = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])+\'', re.S)


def blank(match):
    text = match.group(0)
    if text[0] in "\"'":
        return text[0] + text[-1]
    return "".join(c if c == "\n" else " " for c in text)


def only_strings(source):
    """Keeps string literals and line ends."""
    out, end = [], 0
    for match in TOKEN.finditer(source):
        out.append("\n" * source.count("\n", end, match.start()))
        text = match.group(0)
        out.append(text if text[0] == '"' else "\n" * text.count("\n"))
        end = match.end()
    return "".join(out)


def main(arguments):
    strings = arguments[:1] == ["--strings"]
    for path in arguments[strings:]:
        with open(path, encoding="utf-8") as file:
            source = file.read()
        text = only_strings(source) if strings else TOKEN.sub(blank, source)
        for number, line in enumerate(text.split("\n"), 1):
            if line.strip():
                print(f"{path}:{number}: {line}")


main(sys.argv[1:])
