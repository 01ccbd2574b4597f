"""What is recognised but not done yet, read from `unable.tsv`: the kind, what cannot be done, and the nearest that can."""

from functools import cache
from importlib import resources

from agent_server.agents.capabilities import capabilities
from agent_server.contract.intent import Intent, IntentKind


def unable(intent: Intent) -> tuple[str, str] | None:
    """Return what cannot be done yet and the nearest one could type instead; None when something named is of a kind that is served.

    What only reads is in the way for objects inside a cluster alone: all other kinds can be seen.
    """
    reads = intent.intent is IntentKind.QUERY
    served = {row.type for row in capabilities().values()}
    kinds = intent.resource_types
    if not kinds or any(
        kind not in _rows() or kind in served or (reads and not kind.startswith("k8s::")) for kind in kinds
    ):
        return None
    what, near, ask = _rows()[kinds[0]]
    return f"I cannot {what} yet. {near}: “{ask}”.", ask


@cache
def _rows() -> dict[str, tuple[str, str, str]]:
    table = resources.files(__package__).joinpath("unable.tsv").read_text(encoding="utf-8")
    rows = (line.split("\t") for line in table.splitlines()[1:] if line)
    return {type_: (what, nearest, ask) for type_, what, nearest, ask in rows}
