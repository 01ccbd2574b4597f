"""Resource Graph: the subset of KQL that a scanner needs, and its paging.

Sources: https://learn.microsoft.com/azure/governance/resource-graph/concepts/query-language (operators) and
https://learn.microsoft.com/azure/governance/resource-graph/concepts/work-with-data (100 rows unless `$top` says more, at
most 1,000; `$skipToken` only while the rows carry `id`, otherwise the result is said to be truncated).

Understood: the table `Resources`, then any of `where` (`==`, `!=`, `=~`, `!~`, `in`, `in~` joined by `and`), `project`,
`extend`, `order by` / `sort by`, `take` / `limit`, `count`. Everything else is refused as the vendor refuses a typing error.
"""

import base64
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeAlias

from engine.estate.resource import Json
from engine.sandbox.azure import errors

DEFAULT_TOP = 100
MOST_TOP = 1000

Row: TypeAlias = Mapping[str, Json]
Rows: TypeAlias = Sequence[Row]

_NAME = r"[A-Za-z_][A-Za-z0-9_]*"
_PATH = re.compile(rf"({_NAME})((?:\.{_NAME}|\[\s*'[^']*'\s*\]|\[\s*\"[^\"]*\"\s*\])*)")
_PART = re.compile(rf"\.({_NAME})|\[\s*'([^']*)'\s*\]|\[\s*\"([^\"]*)\"\s*\]")
_TEXT = r"(?:'[^']*'|\"[^\"]*\")"
_COMPARE = re.compile(rf"(?P<path>\S+?)\s*(?P<op>==|!=|=~|!~)\s*(?P<text>{_TEXT})")
_MEMBER = re.compile(rf"(?P<path>\S+)\s+(?P<op>in~|in)\s*\(\s*(?P<texts>{_TEXT}(?:\s*,\s*{_TEXT})*)\s*\)")
_ASSIGN = re.compile(rf"(?P<name>{_NAME})\s*=\s*(?P<value>[^=].*)", re.DOTALL)
_CALL = re.compile(r"(?:tostring|tolower)\((.*)\)", re.DOTALL)
_ORDER = re.compile(rf"by\s+(?P<name>{_NAME})(?:\s+(?P<way>asc|desc))?")

Field: TypeAlias = Callable[[Row], Json]


def answer(query: str, resources: Iterable[Row], options: Mapping[str, Json]) -> dict[str, Json]:
    """Answer one page of a query.

    Args:
        query: The KQL text.
        resources: All rows that the caller may see.
        options: `$top`, `$skip`, `$skipToken`.

    Raises:
        ArmError: 400 when the query is not understood.
    """
    rows = run(query, resources)
    top = options.get("$top") or DEFAULT_TOP
    if not isinstance(top, int) or not 1 <= top <= MOST_TOP:
        raise errors.invalid_query(f"$top must be between 1 and {MOST_TOP}.")
    start = _start(options)
    page = rows[start : start + top]
    more = start + top < len(rows)
    pageable = all("id" in row for row in page)
    document: dict[str, Json] = {
        "totalRecords": len(rows),
        "count": len(page),
        "data": list(page),
        "facets": [],
        "resultTruncated": "true" if more and not pageable else "false",
    }
    if more and pageable:
        document["$skipToken"] = base64.urlsafe_b64encode(f"next:{start + top}".encode()).decode()
    return document


def run(query: str, resources: Iterable[Row]) -> Rows:
    """Return all rows of a query.

    Raises:
        ArmError: 400 when the query is not understood.
    """
    table, *stages = (part.strip() for part in _split(query, "|"))
    if table.lower() != "resources":
        raise errors.invalid_query(f"the table '{table}' is not known")
    rows: Rows = tuple(resources)
    for stage in stages:
        word, _, rest = stage.partition(" ")
        operator = _OPERATORS.get(word.lower())
        if operator is None:
            raise errors.invalid_query(f"ParserFailure at '{word}'")
        rows = operator(rows, rest.strip())
    return rows


def _start(options: Mapping[str, Json]) -> int:
    token = options.get("$skipToken")
    if token is None:
        skip = options.get("$skip") or 0
        return skip if isinstance(skip, int) else 0
    try:
        kind, _, place = base64.urlsafe_b64decode(str(token)).decode().partition(":")
        if kind == "next":
            return int(place)
    except ValueError:
        pass
    raise errors.invalid_query("the $skipToken is not one of this service")


def _split(text: str, separator: str) -> list[str]:
    """Split at a separator that stands outside quotes and brackets."""
    parts, depth, quote, begin = [], 0, "", 0
    for place, character in enumerate(text):
        if quote:
            quote = "" if character == quote else quote
        elif character in "'\"":
            quote = character
        elif character in "([":
            depth += 1
        elif character in ")]":
            depth -= 1
        elif character == separator and depth == 0:
            parts.append(text[begin:place])
            begin = place + 1
    return [*parts, text[begin:]]


def _field(text: str) -> Field:
    text = text.strip()
    if (call := _CALL.fullmatch(text)) is not None:
        inner = _field(call[1])
        lower = text.startswith("tolower")
        return lambda row: _as_text(inner(row)).lower() if lower else _as_text(inner(row))
    found = _PATH.fullmatch(text)
    if found is None:
        raise errors.invalid_query(f"ParserFailure at '{text}'")
    path = [found[1], *(next(filter(None, part)) for part in _PART.findall(found[2]))]
    return lambda row: _walk(row, path)


def _walk(row: Row, path: Sequence[str]) -> Json:
    value: Json = row
    for part in path:
        if not isinstance(value, Mapping):
            return None
        value = value.get(part)
    return value


def _as_text(value: Json) -> str:
    return "" if value is None else str(value)


def _where(rows: Rows, text: str) -> Rows:
    for condition in re.split(r"\s+and\s+(?=(?:[^'\"]|'[^']*'|\"[^\"]*\")*$)", text, flags=re.IGNORECASE):
        holds = _condition(condition.strip())
        rows = [row for row in rows if holds(row)]
    return rows


def _condition(text: str) -> Callable[[Row], bool]:
    if (one := _COMPARE.fullmatch(text)) is not None:
        field, wanted, operator = _field(one["path"]), one["text"][1:-1], one["op"]
        exact, negated = operator in {"==", "!="}, operator.startswith("!")
        return lambda row: _equal(field(row), wanted, exact=exact) is not negated
    if (many := _MEMBER.fullmatch(text)) is not None:
        field, exact = _field(many["path"]), many["op"] == "in"
        choices = [choice.strip()[1:-1] for choice in _split(many["texts"], ",")]
        return lambda row: any(_equal(field(row), choice, exact=exact) for choice in choices)
    raise errors.invalid_query(f"ParserFailure at '{text}'")


def _equal(value: Json, wanted: str, *, exact: bool) -> bool:
    have = _as_text(value)
    return have == wanted if exact else have.lower() == wanted.lower()


def _columns(text: str) -> list[tuple[str, Field]]:
    columns = []
    for column in _split(text, ","):
        assigned = _ASSIGN.fullmatch(column.strip())
        if assigned is not None:
            columns.append((assigned["name"], _field(assigned["value"])))
        else:
            columns.append((re.sub(r"\W+", "_", column.strip()), _field(column)))
    return columns


def _project(rows: Rows, text: str) -> Rows:
    columns = _columns(text)
    return [{name: field(row) for name, field in columns} for row in rows]


def _extend(rows: Rows, text: str) -> Rows:
    columns = _columns(text)
    return [{**row, **{name: field(row) for name, field in columns}} for row in rows]


def _order(rows: Rows, text: str) -> Rows:
    found = _ORDER.fullmatch(text)
    if found is None:
        raise errors.invalid_query(f"ParserFailure at '{text}'")
    name = found["name"]
    return sorted(rows, key=lambda row: _as_text(row.get(name)), reverse=found["way"] != "asc")


def _take(rows: Rows, text: str) -> Rows:
    if not text.isdecimal():
        raise errors.invalid_query(f"ParserFailure at '{text}'")
    return rows[: int(text)]


def _count(rows: Rows, text: str) -> Rows:
    if text:
        raise errors.invalid_query(f"ParserFailure at '{text}'")
    return [{"Count": len(rows)}]


_OPERATORS: Mapping[str, Callable[[Rows, str], Rows]] = {
    "where": _where,
    "project": _project,
    "extend": _extend,
    "order": _order,
    "sort": _order,
    "take": _take,
    "limit": _take,
    "count": _count,
}
