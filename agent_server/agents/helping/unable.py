"""What is recognised but not done yet, read from `unable.tsv`: the kind, what cannot be done, and the nearest that can."""

from functools import cache
from importlib import resources

from agent_server.contract.intent import Intent


def unable(intent: Intent) -> tuple[str, str] | None:
    """Return what cannot be done yet and the nearest one could type instead; None when nothing named is of such a kind."""
    for type_ in intent.resource_types:
        if (row := _rows().get(type_)) is not None:
            what, nearest, ask = row
            return f"I cannot {what} yet. {nearest}: “{ask}”.", ask
    return None


@cache
def _rows() -> dict[str, tuple[str, str, str]]:
    table = resources.files(__package__).joinpath("unable.tsv").read_text(encoding="utf-8")
    rows = (line.split("\t") for line in table.splitlines()[1:] if line)
    return {type_: (what, nearest, ask) for type_, what, nearest, ask in rows}
