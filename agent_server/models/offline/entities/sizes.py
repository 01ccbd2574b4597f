"""How many, how big, which version: counts, limits, sizes, machine sizes, engines, versions, groupings."""

import re
from collections.abc import Callable, Iterator
from re import Match

from agent_server.contract.intent import Scope
from agent_server.models.offline.entities.amounts import NUMBER, number
from agent_server.models.offline.tokens import Reading, Span

ABOVE = r"(?:over|above|more than|greater than|bigger than|larger than|higher than|exceeds?|exceeding|>=?|at least|beyond|past|newer than|later than)"
BELOW = r"(?:under|below|less than|smaller than|lower than|fewer than|<=?|at most|older than|earlier than|before|drops? below)"
_SIZE = r"(?P<size>\d+(?:\.\d+)?) ?(?P<unit>gb|gib|tb|tib|mb|g|t)\b(?! (?:of )?(?:ram|memory))"
_ENGINES = {
    "postgres": "postgres", "postgresql": "postgres", "pg": "postgres", "mysql": "mysql", "mariadb": "mariadb", "oracle": "oracle",
    "mssql": "sqlserver", "sql server": "sqlserver", "sqlserver": "sqlserver", "mongodb": "mongodb", "mongo": "mongodb", "redis": "redis", "memcached": "memcached",
}  # fmt: skip
_RUNTIME = r"(?:python|node(?:js)?|java|ruby|go|dotnet)(?:\d[\w.]*| \d+(?:\.\d+)*|\d+\.x)"
_GROUPS = {
    "service": "service", "region": "region", "account": "account", "team": "team", "project": "project", "env": "env", "environment": "env",
    "resource group": "resource_group", "rg": "resource_group", "subscription": "subscription", "cloud": "cloud", "provider": "cloud", "owner": "owner",
    "day": "day", "month": "month", "week": "week", "type": "type", "instance type": "instance_type", "sku": "sku", "tag": "tag", "cost center": "cost_center",
    "costcenter": "costcenter", "department": "department", "product": "product", "app": "app", "application": "app", "cluster": "cluster", "namespace": "namespace", "zone": "zone",
    "resource type": "type", "usage type": "type", "data class": "data-class", "data-class": "data-class", "cost-center": "cost_center", "resource": "resource", "state": "state", "status": "state", "size": "size", "tier": "tier", "user": "user", "vpc": "vpc", "engine": "engine",
}  # fmt: skip
_GROUP = "|".join(sorted(_GROUPS, key=len, reverse=True))
_SORTS = {
    "biggest": "size", "largest": "size", "oldest": "age", "newest": "created", "latest": "created", "most recent": "created", "busiest": "cpu",
    "smallest": "size", "most expensive": "cost", "costliest": "cost", "priciest": "cost", "cheapest": "cost",
}  # fmt: skip
_SORT = "|".join(_SORTS)
_GB = {"g": 1, "t": 1024, "m": 1 / 1024}

INSTANCE_TYPES: tuple[tuple[Scope, re.Pattern[str]], ...] = (
    (
        Scope.AWS,
        re.compile(
            r"(?<!\S)(?:(?:db|cache)\.)?[a-z]{1,3}\d{1,2}[a-z-]*\.(?:nano|micro|small|medium|large|xlarge|metal|\d{1,2}xlarge)(?:\.search)?(?!\S)"
        ),
    ),
    (Scope.AZURE, re.compile(r"(?<!\S)(?:standard|basic)_[a-z]+\d\w*(?!\S)")),
    (
        Scope.GCP,
        re.compile(
            r"(?<!\S)(?:db-)?(?:[acefghmntz]\d{1,2}[a-z]?-(?:standard|highmem|highcpu|ultramem|megamem|micro|small|"
            r"medium|custom)(?:-[\d-]+)?|custom-\d+-\d+)(?!\S)"
        ),
    ),
)

Build = Callable[[Match[str]], object]


def _op(match: Match[str]) -> str:
    return "<" if re.match(BELOW, match["op"]) else ">"


def _gb(match: Match[str]) -> float | int:
    value = float(match["size"]) * _GB[match["unit"][0]]
    return int(value) if value == int(value) else round(value, 3)


def _grouped(match: Match[str]) -> object:
    more = re.sub(r"(?:^| )(?:and|by|per)(?= )|,", ";", match["more"] or "")
    words = [match["by"], *(one.strip() for one in more.split(";") if one.strip())]
    found = [_GROUPS[one] if one in _GROUPS else _GROUPS[one.removesuffix("s")] for one in words]
    return found if len(found) > 1 else found[0]


_RULES: tuple[tuple[str, str, Build], ...] = (
    ("size_gb", rf"(?P<op>{ABOVE}|{BELOW}) {_SIZE}(?! free)", lambda m: {"op": _op(m), "value": _gb(m)}),
    ("size_gb", rf"(?:(?:to|of|with|by|a) )?{_SIZE}(?! free)", _gb),
    ("limit", (
        rf"(?:top|first|last|limit(?: to)?|only) (?P<n>(?!one\b|an?\b){NUMBER})(?! (?:day|hour|week|month|minute|"
        rf"year|quarter|min|ones? )s?\b)(?:(?: most)? (?P<sort>{_SORT}))?"
    ), lambda m: number(m["n"])),
    ("limit", rf"(?P<sort>{_SORT}) (?P<n>\d+|ten|five|three)", lambda m: number(m["n"])),
    ("limit", rf"(?P<n>\d+|ten|five|three|two)(?= (?:{_SORT})\b)", lambda m: number(m["n"])),
    ("sort", rf"(?P<sort>{_SORT})(?: first)?", lambda m: _SORTS[m["sort"]]),
    ("sort", r"(?:sort(?:ed)?|order(?:ed)?) by (?P<by>size|age|cost|name|date|created|cpu)", lambda m: m["by"]),
    ("min", (
        rf"(?:min(?:imum)?)(?: size| nodes| count| of| to| =)? ?(?P<n>{NUMBER})(?! ?%)(?: (?:nodes?|instances?|"
        rf"replicas?|vms|pods?|workers?))?"
    ), lambda m: number(m["n"])),
    ("max", (
        rf"(?:max(?:imum)?)(?: size| nodes| count| of| to| =)? ?(?P<n>{NUMBER})(?! ?%)(?: (?:nodes?|instances?|"
        rf"replicas?|vms|pods?|workers?))?"
    ), lambda m: number(m["n"])),
    ("min_max", r"(?:between|from) (?P<low>\d+) (?:and|to|-) (?P<high>\d+)(?= (?:nodes?|replicas?|instances?|pods?)|$)", lambda m: (number(m["low"]), number(m["high"]))),
    ("desired", (
        rf"(?:desired(?: capacity| count| size)?|capacity|replicas?|replica count|node count|instance count)(?: to|"
        rf" of| =|=)? (?P<n>{NUMBER}|zero)(?!\S)"
    ), lambda m: number(m["n"])),
    ("count_of", (
        r"(?P<op>more than|over|at least|fewer than|less than|under) (?P<n>\d+|one|two|three|five|"
        r"ten) (?P<what>instances?|nodes?|members?|pods?|replicas?|vms?|objects?|rules?|keys?|targets?|messages?|"
        r"users?)(?!\S)"
    ), lambda m: {"op": _op(m), "value": number(m["n"])}),
    ("count_of", r"(?P<n>zero|0|no) (?P<what>instances?|nodes?|members?|pods?|replicas?|objects?|rules?|subscribers?)(?!\S)", lambda _: 0),
    ("count_of", rf"(?P<n>{NUMBER}) (?:more )?(?P<what>nodes?|replicas?|pods?|copies|workers?|tasks?)(?!\S)", lambda m: number(m["n"])),
    ("to", (
        r"(?:to|=|at) (?P<n>\d+|zero|one|two|three|four|five|six|eight|ten|twelve|twenty)(?: instances?| vms?|"
        r" machines?| servers?)?(?!\S)(?! (?:gb|tb|%|am|pm|day|days|hours?|minutes?|weeks?)\b)"
    ), lambda m: number(m["n"])),
    ("runtime", rf"(?P<name>{_RUNTIME})", lambda m: m["name"].replace(" ", "")),
    ("version", rf"(?:(?:kubernetes|k8s|tls|ssl)? ?(?:versions?|ver|v) ?)(?P<op>{ABOVE}|{BELOW}) v?(?P<v>\d+(?:\.\d+)*)", lambda m: {"op": _op(m), "value": m["v"]}),
    ("version", (
        r"(?P<op>older than|below|newer than|above|before|lower than|less than|<) (?:version |"
        r"v)?(?P<v>\d+\.\d+(?:\.\d+)*)(?! ?%)"
    ), lambda m: {"op": _op(m), "value": m["v"]}),
    ("engine_version", rf"(?P<engine>{'|'.join(_ENGINES)}) (?:version )?(?P<op>{ABOVE}|{BELOW}) v?(?P<v>\d+(?:\.\d+)*)", lambda m: (_ENGINES[m["engine"]], {"op": _op(m), "value": m["v"]})),
    ("engine_version", rf"(?P<engine>{'|'.join(_ENGINES)}) (?:version |v)?(?P<v>\d+(?:\.\d+)*)(?!\S)(?! (?:day|hour|min|gb|to)\w*)", lambda m: (_ENGINES[m["engine"]], m["v"])),
    ("version", r"(?:version|v|ver|kubernetes|k8s|tls) ?(?P<v>\d+(?:\.\d+)+)", lambda m: m["v"]),
    ("version", r"(?:version|to v) ?(?P<v>\d+)(?!\S)", lambda m: m["v"]),
    ("version", r"(?:on|to|running|run|use|uses|using|at) (?P<v>\d+\.\d+(?:\.\d+)*)(?!\S)(?! ?(?:gb|tb|%))", lambda m: m["v"]),
    ("group_by", (
        rf"(?:(?:by|per|grouped by|group by|broken down by|split by|breakdown by|for each|each)(?: the)?(?: tag|"
        rf" label)? |(?:per|by)-)(?P<by>{_GROUP})s?(?: tags?|"
        rf" labels?)?(?P<more>(?:(?:(?: and|,| ,)+ (?:by |per )?| (?:by|per) )(?:{_GROUP})s?(?!\S)){{1,3}})?(?!\S)"
    ), _grouped),
    ("storage_tier", (
        r"(?:to|into) (?:the )?(?P<tier>coldline|nearline|archive|glacier(?: deep archive)?|deep archive|cool|cold|"
        r"hot|standard-ia|infrequent access|intelligent[- ]tiering|premium)(?: (?:tier|storage|class))*"
    ), lambda m: m["tier"]),
    ("os", r"(?P<os>windows|linux|ubuntu|rhel|debian|centos|suse)(?: server)?", lambda m: m["os"]),
)  # fmt: skip
_COMPILED = tuple((key, re.compile(rf"(?<!\S)(?:{pattern})(?!\S)"), build) for key, pattern, build in _RULES)
_ENGINE = re.compile(rf"(?<!\S)(?P<engine>{'|'.join(sorted(_ENGINES, key=len, reverse=True))})(?!\S)")


def sizes(reading: Reading, taken: frozenset[int]) -> Iterator[Span]:
    """Yield amounts of every kind; `to`, `count_of`, `desired` and `min_max` are for the action to interpret."""
    claimed = set(taken)
    for cloud, pattern in INSTANCE_TYPES:
        for match, first, last in reading.find(pattern, frozenset(claimed)):
            claimed.update(range(first, last))
            yield Span(first, last, "instance_type", (cloud, match[0]))
    for key, pattern, build in _COMPILED:
        for match, first, last in reading.find(pattern, frozenset(claimed)):
            claimed.update(range(first, last))
            yield Span(first, last, key, build(match))
            if key == "limit" and match.groupdict().get("sort"):
                yield Span(first, last, "sort", _SORTS[match["sort"]])


def engines(reading: Reading) -> Iterator[Span]:
    """Yield database engines by name; they claim nothing, since "redis" and "postgres" are kinds too."""
    for match, first, last in reading.find(_ENGINE):
        yield Span(first, last, "engine", _ENGINES[match["engine"]])
