"""Requests that are hedged, said plainly: "would it be possible to delete x", "could x be deleted?", "do you mind deleting x".

Who asks so politely that it sounds like a question wants the same as who orders. The hedges are data (`politeness.tsv`); what follows them
is left as it was said.
"""

import re
from collections.abc import Mapping
from functools import cache, partial
from importlib import resources

_FORMS = ("doing", "deed", "done")


def plainly(text: str) -> str:
    """Return a text in which every hedged request is a plain one."""
    for pattern, said in _hedges():
        text = pattern.sub(partial(_said, said), text)
    return text


def _said(said: str, match: re.Match[str]) -> str:
    groups = match.groupdict()
    form = next((groups[key] for key in _FORMS if groups.get(key)), "")
    return said.format_map({"it": "", "done": form, **groups, "do": _bases().get(form.lower(), form)})


@cache
def _rows() -> tuple[tuple[str, ...], ...]:
    text = resources.files("agent_server.agents").joinpath("politeness.tsv").read_text(encoding="utf-8")
    return tuple(tuple(line.split("\t")) for line in text.splitlines() if line and not line.startswith("#"))


@cache
def _bases() -> Mapping[str, str]:
    """Return what each form of a verb comes from."""
    return {form: base for kind, base, *forms in _rows() if kind == "verb" for form in forms}


@cache
def _hedges() -> tuple[tuple[re.Pattern[str], str], ...]:
    verbs = [forms for kind, *forms in _rows() if kind == "verb"]
    forms = {
        name: rf"(?P<{name}>{'|'.join(sorted({row[at] for row in verbs}, key=len, reverse=True))})"
        for at, name in enumerate(_FORMS, 1)
    }
    found: list[tuple[re.Pattern[str], str]] = []
    for kind, pattern, *said in _rows():
        if kind == "hedge":
            for name, words in forms.items():
                pattern = pattern.replace(f"{{{name}}}", words)  # noqa: PLW2901 - the same pattern, spelt out
            end = "" if pattern.endswith((" ", ")?", ")")) else r"\b"
            found.append((re.compile(rf"(?is)(?<![\w-])(?:{pattern}){end}"), said[0]))
    return tuple(found)
