"""Purposes: things described by what they are for, "the box behind payroll", "the web servers"."""

from collections.abc import Iterator, Sequence

from agent_server.models.offline.entities.kinds import id_kind
from agent_server.models.offline.entities.names import may_be_name
from agent_server.models.offline.tokens import Reading, Span
from agent_server.models.offline.view import rule

_ABOUT = rule(
    r"(?:behind|running|serving|hosting|powering|responsible for|that (?:runs|serves|hosts|powers|handles|does)|"
    r"which (?:runs|serves|hosts|powers|handles)|used (?:by|for)|backing|for running) (?:the |our |"
    r"my )?(?P<topic>[a-z][\w-]*(?: (?:service|app|site|website|job|jobs|system|page|api))?)"
)
_QUALIFIERS = frozenset(
    [
        "analytics",
        "api",
        "backend",
        "batch",
        "billing",
        "build",
        "checkout",
        "ci",
        "crm",
        "erp",
        "frontend",
        "grafana",
        "hr",
        "jenkins",
        "marketing",
        "monitoring",
        "orders",
        "payment",
        "payments",
        "payroll",
        "reporting",
        "sap",
        "search",
        "shop",
        "training",
        "web",
    ]
)


def purposes(reading: Reading, taken: frozenset[int]) -> Iterator[Span]:
    """Yield descriptions by purpose: "the box behind payroll"."""
    for match, *_ in reading.find(_ABOUT):
        first, last = reading.token_range(match, "topic")
        words = match["topic"].split()
        if (
            taken.isdisjoint(range(first, last))
            and may_be_name(reading.tokens[first])
            and words[0]
            not in {
                "in",
                "on",
                "vms",
                "instances",
                "at",
                "ec2",
                "low",
                "hot",
                "since",
                "longer",
                "windows",
                "linux",
                "kubernetes",
                "k8s",
                "mysql",
                "postgres",
                "vm",
                "rds",
                "out",
                "version",
                "servers",
                "machines",
                "databases",
                "server",
                "containers",
                "dev",
                "test",
                "qa",
                "uat",
                "staging",
                "prod",
            }
            and not id_kind(reading.tokens[first])
        ):
            yield Span(first, last, "about", match["topic"])


def qualified(reading: Reading, found: Sequence[Span], taken: frozenset[int], *, named: bool) -> list[Span]:
    """'Prod web servers': a plain topic before a plural kind describes what is meant."""
    out: list[Span] = []
    for kind in found:
        before = kind.first - 1
        if (
            before >= 0
            and before not in taken
            and reading.low(before) in _QUALIFIERS
            and reading.low(before - 1) != "ml"
            and not named
        ):
            out.append(Span(before, before + 1, "about", reading.low(before)))
    return out
