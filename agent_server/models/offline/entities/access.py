"""Ports, address ranges, and "the whole world"."""

import re
from collections.abc import Iterator

from agent_server.models.offline.tokens import Reading, Span

WELL_KNOWN = {
    "ssh": 22, "rdp": 3389, "http": 80, "https": 443, "telnet": 23, "ftp": 21, "smtp": 25, "winrm": 5985, "smb": 445, "vnc": 5900,
}  # fmt: skip
_ENGINE_PORTS = {
    "postgres": 5432,
    "postgresql": 5432,
    "mysql": 3306,
    "mongo": 27017,
    "mongodb": 27017,
    "redis": 6379,
    "mssql": 1433,
    "elasticsearch": 9200,
}
_FIREWALLS = ("whitelist", "allowlist", "firewall", "nsg", "sg-", "security group", "0.0.0.0/0")
_PORT = r"\d{1,5}(?:-\d{1,5})?"
_ORDERED = "|".join(
    rf"(?<= {verb} )|(?<=^{verb} )"
    for verb in (
        "close",
        "allow",
        "block",
        "revoke",
        "deny",
        "permit",
        "unblock",
        "whitelist",
        "allowlist",
        "drop",
        "remove",
        "expose",
        "shut",
        "let",
        "add",
        "up",
        "inbound",
    )
)
_RULES = (
    re.compile(r"(?<!\S)(?:all|any|every)(?: the)? (?P<all>ports?|(?:inbound |ingress )?traffic|protocols?)(?!\S)"),
    re.compile(
        rf"(?<!\S)(?:(?:mongo(?:db)?|postgres(?:ql)?|mysql|redis|mssql|ssh|rdp|https?|ftp|tcp|udp) )?(?:tcp |"
        rf"udp )?ports? (?:number )?(?P<list>{_PORT}(?:(?: ,)? ?(?:and|or|,|&)? {_PORT})*)(?!\S)"
    ),
    re.compile(
        rf"(?<!\S)(?:tcp|udp)(?:/| |:)(?P<list>{_PORT})(?!\S)|(?<!\S)(?P<slash>{_PORT})/(?:tcp|udp)(?!\S)|(?<!\S):(?P<colon> ?\d{{2,5}})(?!\S)"
    ),
    re.compile(
        rf"(?<!\S)(?:\d+(?:\.\d+){{3}}/\d+|anyone|internet|world|anywhere|everyone) (?:to|on|at) (?P<list>{_PORT})(?!\S)"
    ),
    re.compile(rf"(?<=open )(?P<list>{_PORT}(?:(?: ,)? ?(?:and|or|,|&) {_PORT})*)(?= (?:to|from|for|on|in)\b)"),
    re.compile(
        rf"(?<!\S)(?:allowing|allows|permits?|permitting|exposing|exposes|opening|opened) (?P<list>{_PORT})(?= (?:to|from|for|on|in)\b)"
    ),
    re.compile(rf"(?:{_ORDERED})(?P<list>{_PORT})(?= (?:(?:to|from|for|on|in|again)\b|< -|<-|<=|-))"),
    re.compile(
        rf"(?:(?<=on )|(?<=via )|(?<=over ))(?P<list>{_PORT}(?: (?:and|or|,) {_PORT})*)(?!\S)(?! (?:gb|nodes?|vms|%|am|pm|may|june|days?|of)\b)"
    ),
    re.compile(rf"(?<!\S)(?P<word>{'|'.join(WELL_KNOWN)})(?!\S)"),
)
_ENGINE_RULE = re.compile(
    rf"(?<!\S)(?:open|expose|block|close|allow|restrict|for|to)(?: up)? (?:the )?(?P<word>{'|'.join(_ENGINE_PORTS)})(?= (?:to|on|from|port) )"
)
_CIDR = re.compile(r"(?<!\S)(?P<cidr>\d{1,3}(?:\.\d{1,3}){3}(?:/\d{1,2})?|::/0)(?!\S)")
_WORLD = re.compile(
    r"(?:(?:wide )?(?:open|exposed|expose|reachable|accessible|access|visible|ingress|inbound|traffic|ssh|rdp|https?|"
    r"\d+|allowed|available)(?: (?:up|it|them|is|are|publicly|directly))? "
    r"(?:to|from|by|for|2) )(?P<who>(?:the )?(?:whole |entire |public )?(?:world|internet|everyone|everybody|anyone|"
    r"anybody|anywhere|public|any ip|all ips|any|all networks|everything|the outside))(?!\S)"
    r"|(?:let|letting|allow|allowing) (?P<who4>(?:the )?(?:whole |entire )?(?:world|internet|public|everyone|"
    r"everybody|anyone|anybody))(?: \S+){0,2}? in(?!\S)"
    r"|(?:from|to) (?P<who2>(?:the )?(?:whole |entire |public )?(?:world|internet|anywhere)|any ip|all ips)(?!\S)"
    r"|(?P<who3>world open|open world|internet wide|wide open|publicly open)(?!\S)"
)


def access(reading: Reading, taken: frozenset[int]) -> Iterator[Span]:
    """Yield `port` (a number, a range or "all"), `cidr`, and `world` where everyone is meant."""
    for match, first, last in reading.find(_CIDR, taken):
        yield Span(first, last, "cidr", match["cidr"])
    for match, *_ in reading.find(_WORLD):
        group = next(name for name in ("who", "who2", "who3", "who4") if match[name])
        first, last = reading.token_range(match, group)
        if taken.isdisjoint(range(first, last)):
            yield Span(first, last, "world", value=True)
    yield from _ports(reading, taken)


def _ports(reading: Reading, taken: frozenset[int]) -> Iterator[Span]:
    claimed = set(taken)
    for pattern in _RULES:
        for match, first, last in reading.find(pattern, frozenset(claimed)):
            found = match.groupdict()
            claimed.update(range(first, last))
            if found.get("all"):
                yield Span(first, last, "port", "all")
            elif found.get("word"):
                yield Span(first, last, "port_word", WELL_KNOWN[found["word"]])
            else:
                listed = found.get("list") or found.get("slash") or found.get("colon") or ""
                for port in re.findall(_PORT, listed):
                    yield Span(first, last, "port", int(port) if port.isdigit() else port)
    opening = any(word in reading.line for word in _FIREWALLS)
    for match, _, _ in reading.find(_ENGINE_RULE):
        first, last = reading.token_range(match, "word")
        if match[0].startswith(("for ", "to ")) and not opening:
            continue
        if claimed.isdisjoint(range(first, last)):
            yield Span(first, last, "port", _ENGINE_PORTS[match["word"]])
