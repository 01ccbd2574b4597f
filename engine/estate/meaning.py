"""What a resource means, as the words that are embedded: what it is, what it is called, where, whose."""

import re

from engine.estate.kinds import words_for
from engine.estate.resource import Resource

_MOST_TAGS = 12
_MOST_WORDS = 40
_MOST_CHARACTERS = 400
_TELLING_FACTS = ("engine", "description", "purpose", "resource_group", "runtime", "platform")


def text_of(resource: Resource) -> str:
    """Return the words for a resource, each once, at most 40 of them in 400 characters.

    Ids, numbers, regions, sizes and states are left out: they are filtered for exactly. What is left is short, since a model's
    time grows with the words, and the same for the hundred machines of one fleet, which are then embedded once. Names and tags
    are split at punctuation, since `orders-db` means two words.
    """
    facts = [str(resource.facts[name]) for name in _TELLING_FACTS if isinstance(resource.facts.get(name), str)]
    tags = [
        f"{key} {value}"
        for key, value in sorted(resource.tags.items())[:_MOST_TAGS]
        if key != "Name" and "@" not in value
    ]
    said = [
        *words_for(resource.type),
        *facts,
        resource.name,
        *tags,
        resource.cloud.value,
        "public internet facing" if resource.public else "",
    ]
    words = (word for phrase in said for word in re.split(r"[\W_]+", phrase.casefold()) if not _is_number(word))
    return " ".join(list(dict.fromkeys(words))[:_MOST_WORDS])[:_MOST_CHARACTERS]


def _is_number(word: str) -> bool:
    """Say whether a word only counts or identifies: digits, or a long run of hexadecimal digits."""
    return not word or word.isdigit() or re.fullmatch(r"(?=\w*\d)[0-9a-f]{8,}", word) is not None
