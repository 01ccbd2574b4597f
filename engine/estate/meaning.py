"""What a resource means, as the words that are embedded: what it is, what it is called, where, whose."""

import re

from engine.estate.kinds import words_for
from engine.estate.resource import Cloud, Resource

_MOST_WORDS_FOR_TYPE = 6
_MOST_TAGS = 12
_MOST_CHARACTERS = 600
_CLOUD_WORDS = {Cloud.AWS: "aws amazon", Cloud.AZURE: "azure microsoft", Cloud.GCP: "gcp google cloud"}
_TELLING_FACTS = ("engine", "description", "purpose", "resource_group", "runtime", "os", "image")


def text_of(resource: Resource) -> str:
    """Return the words for a resource, at most 600 characters.

    Ids, sizes in numbers and states are left out: they are filtered for exactly, and a text that does not change need not be
    embedded again. Names are given as they are and split at punctuation, since a model reads `orders-db` better as two words.
    """
    facts = [str(resource.facts[name]) for name in _TELLING_FACTS if isinstance(resource.facts.get(name), str)]
    tags = [f"{key} {value}" for key, value in sorted(resource.tags.items())[:_MOST_TAGS] if key != "Name"]
    split = " ".join(part for part in re.split(r"[\W_]+", resource.name) if part)
    said = [
        *words_for(resource.type)[:_MOST_WORDS_FOR_TYPE],
        *facts,
        split,
        resource.name,
        *tags,
        resource.region,
        _CLOUD_WORDS[resource.cloud],
        "public internet facing" if resource.public else "",
    ]
    return " ".join(word for word in said if word)[:_MOST_CHARACTERS]
