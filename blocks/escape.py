# ruff: noqa: RUF001 - look-alike characters are what this module is about
"""Foreign text made harmless, once.

Names, tags, logs and model words may hold anything. `visible` removes what cannot be seen (control, bidirectional and
zero-width characters), on every surface. `inert` also breaks what a chat client would bring to life: markdown, links,
mentions, entities, emoji codes, card templates. It swaps single characters for look-alikes instead of adding escapes,
because a backslash shows up wherever markdown is not processed. Exact ids belong into `Code` pieces, which stay
copyable: `literal` only breaks what might be read as a tag, a link or a template. `mrkdwn` is Slack's form: the three entities of https://docs.slack.dev/messaging/formatting-message-text.
"""

import re
import unicodedata
from functools import lru_cache
from typing import Final

HIDDEN: Final = "\N{REPLACEMENT CHARACTER}"
"""Stands for a character that cannot be seen, so that its presence can."""

_BLANKS: Final = frozenset("\u115f\u1160\u3164\uffa0\u2800\u034f\u17b4\u17b5")
_HIDDEN_CATEGORIES: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
_NEW_EMOJI: Final = range(0x1F000, 0x1FC00)
"""Newer emoji than this Python knows are unassigned to it, and yet seen."""

_SELECTORS: Final = (range(0xFE00, 0xFE0F), range(0xE0100, 0xE01F0))
"""Variation selectors but the emoji one: unseen, and known as a way to smuggle text."""

_SPACES: Final = re.compile(r"[ \t\n\r\v\f\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+")
_MARKS: Final = 2
"""Most combining marks kept behind one character; more would climb over the lines around."""

_KEPT: Final = 4096
"""How many results are kept: a card that is too large is drawn again and again, ever tighter, from the same words."""

_LOOKALIKE: Final = str.maketrans({"*": "∗", "`": "ˋ", "~": "∼"})
_EDGE_UNDERSCORE: Final = re.compile(r"(?<![A-Za-z0-9_])_+|_+(?![A-Za-z0-9_])")
_ENTITY: Final = re.compile(r"&(?=#?[A-Za-z0-9]{1,32};)")
_TAG: Final = re.compile(r"<(?=[^\s\d=])")
_PSEUDO_SCHEME: Final = re.compile(r"\b(mailto|javascript|data|tel|slack|vbscript|file):(?=\S)", re.IGNORECASE)
_WWW: Final = re.compile(r"\bwww\.", re.IGNORECASE)
_EMOJI: Final = re.compile(r":(?=[A-Za-z0-9_+'\-]+:)")
_BROADCAST: Final = re.compile(r"@(?=(?:here|channel|everyone|group|team)\b)", re.IGNORECASE)
_BRACKETS: Final = re.compile(r"\](?=[(\[:])")
_BACKSLASH: Final = re.compile(r"\\(?=[!-/:-@\[-`{-~])")
_BLOCK_START: Final = re.compile(r"^(\s*)([-+#>=|])(?=[\s#>=|-]|$)")
_LIST_START: Final = re.compile(r"^(\s*\d{1,9})([.)])(?=\s|$)")
_BLOCK_LOOKALIKE: Final = {"-": "‐", "+": "＋", "#": "＃", ">": "›", "=": "＝", "|": "¦"}


def visible(text: str) -> str:
    """One line in which every character can be seen: runs of white space are one space, hidden characters a mark."""
    if text.isascii() and text.isprintable():
        return _SPACES.sub(" ", text) if "  " in text else text
    out: list[str] = []
    marks = 0
    for char in _SPACES.sub(" ", text):
        category = unicodedata.category(char)
        marks = marks + 1 if category in {"Mn", "Me"} else 0
        if marks > _MARKS:
            continue
        hidden = _is_hidden(char, category)
        if not (hidden and out and out[-1] == HIDDEN):
            out.append(HIDDEN if hidden else char)
    return "".join(out)


def _is_hidden(char: str, category: str) -> bool:
    point = ord(char)
    unassigned = category == "Cn" and point not in _NEW_EMOJI
    return (
        unassigned
        or category in _HIDDEN_CATEGORIES
        or char in _BLANKS
        or any(point in selectors for selectors in _SELECTORS)
    )


@lru_cache(maxsize=_KEPT)
def inert(text: str) -> str:
    """Text that no chat client brings to life, whether or not it processes markdown."""
    text = _TAG.sub("‹", _without_markup(visible(text)))
    return _ENTITY.sub("＆", text)


@lru_cache(maxsize=_KEPT)
def literal(text: str) -> str:
    """Text for places that process no markup (rich text, text runs), so that ids and commands stay exact."""
    text = _BRACKETS.sub("] ", _TAG.sub("‹", visible(text))).replace("{{", "{ {")
    return _ENTITY.sub("＆", text)


def output(text: str) -> str:
    """A line of a program's output: as `literal`, with its columns kept."""
    return " ".join(literal(part) for part in text.expandtabs(8).rstrip().split(" "))


def mrkdwn(text: str) -> str:
    """Text for a Slack mrkdwn field, outside of code: `& < >` as entities, the rest broken where it would be live."""
    return _entities(_without_markup(visible(text)))


def mrkdwn_code(text: str) -> str:
    """Text between backticks in a Slack mrkdwn field."""
    return _entities(visible(text).replace("`", "ˋ"))


def _entities(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _without_markup(text: str) -> str:
    text = text.translate(_LOOKALIKE)
    text = _EDGE_UNDERSCORE.sub(lambda found: "ˍ" * len(found.group()), text)
    text = _BACKSLASH.sub("⧵", text)
    text = _BRACKETS.sub("] ", text)
    text = _PSEUDO_SCHEME.sub(lambda found: found.group(1) + "∶", text)
    text = _WWW.sub("www․", text)
    text = text.replace("://", ":∕∕").replace("{{", "{ {")
    text = _EMOJI.sub("∶", text)
    text = _BROADCAST.sub("＠", text)
    text = _BLOCK_START.sub(lambda found: found.group(1) + _BLOCK_LOOKALIKE[found.group(2)], text)
    return _LIST_START.sub(lambda found: found.group(1) + ("․" if found.group(2) == "." else "⟯"), text)
