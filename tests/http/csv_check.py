"""csv_check.py: what a table's CSV says is what the JSON of its page says, cell by cell.

	csv_check.py same URL TOKEN PATH...   each table of each page; prints what differs
	csv_check.py sum COLUMN <CSV          prints the number of rows and the exact sum
	csv_check.py column COLUMN <CSV       prints its cells as JSON
"""
import csv
import io
import json
import re
import sys
import urllib.error
import urllib.request
from decimal import Decimal

PLACES = {
    "calls": ["steps", "attempts"],
    "causes": ["change", "parts"],
    "findings": ["steps", "analysis", "findings"],
}
# What may have nothing to tell of little data.
MAY_BE_EMPTY = {"causes", "unusual_runs", "iterations"}
RISKY = tuple("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")


class Number(str):
    """A JSON number as it was written."""


def fetch(url, token):
    request = urllib.request.Request(url, headers={"Authorization": "Bearer " + token})
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def parse(text):
    return json.loads(text, parse_int=Number, parse_float=Number)


def csv_of(url, token, path, table):
    path, _, query = path.partition("?")
    return fetch(f"{url}/api{path}.csv?{query}&table={table}", token)


def tables_of(url, token, path):
    status, body = csv_of(url, token, path, "none")
    assert status == 400, (path, status, body)
    return re.search(r"one of: (.*)\.$", json.loads(body)["errors"][0]["detail"])[1].split(", ")


def rows_of(value, place, around):
    """Each row, and what it stands in, the innermost first."""
    if isinstance(value, list):
        for item in value:
            yield from rows_of(item, place, around)
    elif isinstance(value, dict) and place:
        yield from rows_of(value.get(place[0]), place[1:], [value] + around)
    elif isinstance(value, dict):
        yield [value] + around


def expected(objects, column):
    """The cell, and whether any object has the column."""
    value = next((o[column] for o in objects if column in o), None)
    known = any(column in o for o in objects)
    if value is None:
        return {""}, known
    if isinstance(value, list):
        return {"[" + ", ".join(value) + "]"}, known
    if isinstance(value, bool):
        return {"true" if value else "false"}, known
    if isinstance(value, Number):
        return {str(value)}, known
    if re.fullmatch(r"-[0-9.]+", value):
        return {value, "'" + value}, known
    return {"'" + value if value.startswith(RISKY) else value}, known


def compare(name, document, table, text):
    place = PLACES.get(table, [table])
    while place[0] not in document:
        document = next(document[o] for o in ("report", "quote", "arithmetic") if o in document)
    rows = list(rows_of(document, place, []))
    lines = list(csv.DictReader(io.StringIO(text, newline="")))
    seen = set()
    if text.count("\r\n") < len(lines) + 1 or not text.endswith("\r\n"):
        yield f"{name}: a line does not end in CR LF"
    if not rows and not lines and table in MAY_BE_EMPTY:
        return
    if not rows or len(rows) != len(lines):
        yield f"{name}: {len(rows)} rows, {len(lines)} lines"
        return
    for objects, line in zip(rows, lines):
        for column, cell in line.items():
            cells, known = expected(objects, column)
            if known:
                seen.add(column)
            if cell not in cells:
                yield f"{name}: {column} is {cell!r}, not {cells}"
    for column in lines[0].keys() - seen:
        yield f"{name}: no row of the document has {column}"


def same(url, token, paths):
    for path in paths:
        document = parse(fetch(url + "/api" + path, token)[1])
        for table in tables_of(url, token, path):
            status, text = csv_of(url, token, path, table)
            if status != 200:
                yield f"{path} {table}: {status} {text}"
            else:
                yield from compare(f"{path} {table}", document, table, text)


def stdin_cells(column):
    rows = csv.reader(io.TextIOWrapper(sys.stdin.buffer, "utf-8", newline=""))
    place = next(rows).index(column)
    return (row[place] for row in rows)


if sys.argv[1] == "same":
    for complaint in same(sys.argv[2], sys.argv[3], sys.argv[4:]):
        print(complaint)
elif sys.argv[1] == "sum":
    count, total = 0, Decimal(0)
    for cell in stdin_cells(sys.argv[2]):
        count, total = count + 1, total + Decimal(cell)
    print(count, total)
else:
    print(json.dumps(list(stdin_cells(sys.argv[2])), ensure_ascii=False))
