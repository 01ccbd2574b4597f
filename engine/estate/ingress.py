"""Who may come in where: the fact `ingress` of security groups, network security groups and firewall rules.

The fact is a list with one object for each rule that lets traffic in: `{"protocol": "tcp", "from": 22, "to": 22, "source":
"0.0.0.0/0"}`; ports inclusive, protocol `all` and ports 0 to 65535 when any is meant, the source a CIDR block or another group's id.
"""

from dataclasses import dataclass
from ipaddress import ip_network

from engine.estate.resource import Json

_EVERYONE = frozenset({"0.0.0.0/0", "::/0", "*", "any", "internet"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """What is asked for: a port (None: any) that is open to a source (empty: anyone at all, by any rule)."""

    port: int | None = None
    source: str = ""

    def in_rules(self, rules: Json) -> bool | None:
        """Say whether some rule lets this in; None when the rules were not read."""
        if not isinstance(rules, list):
            return None
        return any(self._let_in(rule) for rule in rules)

    def _let_in(self, rule: Json) -> bool:
        if not isinstance(rule, dict):
            return False
        first, last = rule.get("from"), rule.get("to")
        in_range = self.port is None or (
            isinstance(first, int) and isinstance(last, int) and first <= self.port <= last
        )
        return in_range and (not self.source or _covers(str(rule.get("source", "")).casefold(), self.source.casefold()))


def _covers(granted: str, asked: str) -> bool:
    """Say whether `granted` lets in all of `asked`; everything is covered by "everyone" in any spelling of the clouds."""
    if granted == asked or granted in _EVERYONE:
        return True
    try:
        wide, narrow = ip_network(granted, strict=False), ip_network(asked, strict=False)
    except ValueError:
        return False
    return wide.version == narrow.version and int(wide[0]) <= int(narrow[0]) and int(narrow[-1]) <= int(wide[-1])
