"""Which environment a resource belongs to, told by its tags and nothing else.

A name such as `web-dev-1` is no proof, so it is not looked at. A resource without an environment tag counts as production
wherever counting it otherwise would expose it: see `engine.estate.selector`.
"""

from collections.abc import Iterable, Mapping

ENVIRONMENT_TAGS: tuple[str, ...] = ("env", "Environment")
"""Tag keys that tell the environment when the policy file names no others."""

PRODUCTION = "prod"

_SAME: Mapping[str, str] = {
    "development": "dev",
    "develop": "dev",
    "stage": "staging",
    "stg": "staging",
    "production": "prod",
    "prd": "prod",
    "live": "prod",
    "testing": "test",
    "tst": "test",
    "sbx": "sandbox",
}


def normalised(value: str) -> str:
    """Return the one word for an environment: `Production` and `prd` are `prod`; an unknown word is itself, casefolded."""
    word = value.strip().casefold()
    return _SAME.get(word, word)


def environment_of(tags: Mapping[str, str], keys: Iterable[str] = ENVIRONMENT_TAGS) -> str | None:
    """Return the normalised environment that `tags` tell, or None when no tag of `keys` is there (keys in any case).

    When several such tags disagree, production wins, then the first key: a doubtful machine is treated as the dearer one.
    """
    folded = [(key.casefold(), value) for key, value in tags.items()]
    found = [
        normalised(value)
        for wanted in map(str.casefold, keys)
        for key, value in folded
        if key == wanted and value.strip()
    ]
    if not found:
        return None
    return PRODUCTION if PRODUCTION in found else found[0]
