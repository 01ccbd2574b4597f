"""The first sentence of a piece of documentation."""

import html
import re

_TAG = re.compile(r"<[^>]+>")
_ASIDE = re.compile(r"<(note|important|caution)>.*?</\1>", re.DOTALL)
_ROLE = re.compile(r":\w+:`~?(?:[\w.]+\.)?(\w+)`|``([^`]*)``")
_END = re.compile(r"(?<!\be\.g)(?<!\bi\.e)(?<!\bvs)(?<!\betc)\.(?=\s|$)")
_MOST = 240


def first_sentence(documentation: str) -> str:
    """Return it as plain text without markup, on one line, at most 240 characters."""
    text = _ASIDE.sub(" ", documentation)
    text = html.unescape(_TAG.sub(" ", text))
    text = _ROLE.sub(
        lambda found: found[1] or found[2], text.partition("\n\n")[0] if "<" not in documentation else text
    )
    text = " ".join(text.split()).replace(" .", ".").replace(" ,", ",")
    end = _END.search(text)
    sentence = text[: end.end()] if end else text
    return sentence if len(sentence) <= _MOST else sentence[: _MOST - 1].rsplit(" ", 1)[0] + "…"
