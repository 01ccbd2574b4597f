"""Identities taken out of words before they leave the runner, and put back into what returns.

Ids, ARNs, account ids, e-mails, IP addresses, @-users, credentials and every exact name of the estate become shape-keeping
pseudonyms (`i-p1`, `name-p2`), the same one for the same thing within one request. A name that is not in the estate goes as
typed: the runner cannot tell it from any other word.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

_CREDENTIAL = (
    r"(?P<secret>-----BEGIN[^-]*PRIVATE KEY-----[\s\S]*?(?:-----END[^-]*-----|$)"
    r"|\b(?:AKIA|ASIA)[A-Z0-9]{16}\b|\bxox[abprs]-[\w-]{8,}|\bxapp-[\w-]{8,}|\bgh[pousr]_\w{20,}|\bglpat-[\w-]{16,}"
    r"|\bsk-[\w-]{16,}|\bAIza[\w-]{30,}|\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*"
    r"|(?i:\b(?:password|passwd|pwd|secret|token|api[_-]?key|access[_-]?key)\b\s*[:=]\s*)\S+"
    r"|(?<![\w/+])(?=[A-Za-z0-9/+]*[a-z])(?=[A-Za-z0-9/+]*[A-Z])(?=[A-Za-z0-9/+]*\d)[A-Za-z0-9/+]{40}(?![\w/+=]))"
)
_SHAPES = (
    _CREDENTIAL,
    r"(?P<arn>\barn:aws[\w-]*:[^\s,;'\"`<>]+)",
    r"(?P<armid>/subscriptions/[^\s,;'\"`<>]+)",
    r"(?P<link>\b(?:https?://\S+?/)?projects/[a-z0-9:.-]+/(?:zones|regions|global)/[^\s,;'\"`<>]+)",
    r"(?P<mail>\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+\b)",
    r"(?P<user><@[^>]+>|(?<!\w)@[\w.-]+)",
    r"(?P<guid>\b[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\b)",
    r"(?P<ip>(?<![\w.])(?!0\.0\.0\.0)(?:\d{1,3}\.){3}\d{1,3}(?![\w.]*\w))",
    r"(?P<acct>(?<![\w-])\d{12}(?![\w-]))",
    r"(?P<typed>\b(?P<kind>i|vol|snap|ami|sg|subnet|vpc|eni|eipalloc|rtb|igw|nat|acl)-[0-9a-f]{8,17}\b)",
)
_SHAPE = re.compile("|".join(_SHAPES))
_WORD = re.compile(r"[\w.-]*\w")
_PSEUDONYM = re.compile(r"\b(?:[a-z]+)-p\d+\b")


class Redactor:
    """Pseudonyms for one request.

    Args:
        is_name: Says whether a word is the exact name (or short id) of something in the estate, ignoring case.
        long_names: Names of the estate that contain spaces or signs and so are no single word.
        vocabulary: Ordinary words that stay although something is called so (`prod`, `database`).
    """

    def __init__(
        self,
        is_name: Callable[[str], bool],
        *,
        long_names: tuple[str, ...] = (),
        vocabulary: frozenset[str] = frozenset(),
    ) -> None:
        self._is_name = is_name
        self._long = tuple(sorted((name for name in long_names if name.strip()), key=len, reverse=True))
        self._vocabulary = vocabulary
        self._by_original: dict[str, str] = {}
        self._by_pseudonym: dict[str, str] = {}

    def redact(self, text: str) -> str:
        """Return the text with identities replaced."""
        for name in self._long:
            text = re.sub(re.escape(name), lambda found: self._pseudonym("name", found[0]), text, flags=re.IGNORECASE)
        text = _SHAPE.sub(self._shape, text)
        return _WORD.sub(self._word, text)

    def restore(self, text: str) -> str:
        """Return the text with our own pseudonyms turned back; what we did not issue stays."""
        return _PSEUDONYM.sub(lambda found: self._by_pseudonym.get(found[0], found[0]), text)

    def restore_all(self, value: Any) -> Any:
        """Turn pseudonyms back in every text of a JSON value, keys included."""
        match value:
            case str():
                return self.restore(value)
            case list():
                return [self.restore_all(one) for one in value]
            case Mapping():
                return {self.restore(str(key)): self.restore_all(one) for key, one in value.items()}
            case _:
                return value

    def _shape(self, found: re.Match[str]) -> str:
        shape = found.lastgroup or "id"
        if found["typed"]:
            return self._pseudonym(found["kind"], found[0])
        if found["arn"] or found["armid"] or found["link"]:
            bare = found[0].rstrip(".:)")
            return self._pseudonym(shape, bare) + found[0][len(bare) :]
        return self._pseudonym(shape, found[0])

    def _word(self, found: re.Match[str]) -> str:
        word = found[0]
        if word.lower() in self._vocabulary or word in self._by_pseudonym or not self._is_name(word):
            return word
        return self._pseudonym("name", word)

    def _pseudonym(self, kind: str, original: str) -> str:
        key = original.lower()
        if key not in self._by_original:
            pseudonym = f"{kind}-p{len(self._by_original) + 1}"
            self._by_original[key] = pseudonym
            self._by_pseudonym[pseudonym] = original
        return self._by_original[key]
