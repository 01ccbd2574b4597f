"""Tags and environments: what must be there, what must be missing, what to put on and what to take off."""

import re
from collections.abc import Iterator

from agent_server.models.offline.tokens import Reading, Span
from agent_server.models.offline.words import verb_openers

ENVIRONMENTS = {
    "dev": "dev", "development": "dev", "develop": "dev", "stage": "staging", "staging": "staging", "stg": "staging", "prod": "prod", "production": "prod",
    "prd": "prod", "qa": "qa", "uat": "uat", "test": "test", "testing": "test", "tst": "test", "sandbox": "sandbox", "sbx": "sandbox", "preprod": "preprod", "demo": "demo",
}  # fmt: skip
_OURS = frozenset({"dev", "staging", "prod", "qa", "uat", "test", "sandbox"})
_ENV = r"(?:dev|development|stage|staging|stg|prod|production|prd|qa|uat|test|testing|sandbox|sbx)"
_KEY = r"[a-z][\w.-]*"
_VALUE = r"[\w./@+*-]+"
_PAIR = rf"(?P<key>{_KEY}) ?(?:=|:) ?(?P<value>{_VALUE})"
_KNOWN_KEYS = (
    r"(?:team|owner|env|environment|costcenter|cost-center|cost_center|project|app|application|tier|service|"
    r"department|data-class|dataclass|component|stack|role|customer)"
)

_RULES = (
    ("missing_tags", re.compile(
        rf"(?<!\S)(?:without|missing|lacking|lacks?|w/o|with no|has no|have no|no|dont have|doesnt have|"
        rf"not tagged(?: with)?)(?: an?| the| any)? (?P<key>(?!tags?\b|any\b|the\b|an?\b){_KEY}) (?:tags?|"
        rf"labels?)(?!\S)"
    )),
    ("missing_tags", re.compile(
        rf"(?<!\S)(?:without|missing|lacking|lacks?|w/o|with no|has no|have no|no|dont have|doesnt have)(?: an?| the|"
        rf" any)? (?:tags?|labels?)(?: called| named| key)? (?P<key>(?!in\b|on\b|at\b|and\b|or\b|older\b|from\b|"
        rf"for\b|across\b){_KEY})(?!\S)"
    )),
    ("missing_tags", re.compile(
        rf"(?<!\S)(?:not|isnt|arent) (?:tagged|labell?ed)(?: with|"
        rf" as)? (?P<key>(?!in\b|on\b|at\b|and\b|or\b|at all){_KEY})(?!\S)"
    )),
    ("tags", re.compile(rf"(?<!\S)(?:tagged|labell?ed)(?: with| as)? {_PAIR}(?!\S)")),
    ("tags", re.compile(rf"(?<!\S)(?:where|whose|with|having|that have|which have)(?: the| a)? (?:tags?|labels?) {_PAIR}(?!\S)")),
    ("tags", re.compile(rf"(?<!\S)(?:where |whose )(?:tag |label )?(?P<key>{_KNOWN_KEYS}) (?:=|is|equals) (?P<value>{_VALUE})(?!\S)")),
    ("tags", re.compile(rf"(?<!\S)(?:tagged|labell?ed)(?: with| as)? (?P<key>{_KNOWN_KEYS}) (?P<value>{_VALUE})(?!\S)")),
    ("env_tagged", re.compile(rf"(?<!\S)(?:tagged|labell?ed)(?: with| as)? (?P<value>{_ENV})(?!\S)")),
    ("tags_present", re.compile(
        rf"(?<!\S)(?:tagged|labell?ed)(?: with| as)?(?: an?|"
        rf" the)? (?P<key>(?!in\b|on\b|and\b|or\b|with\b|as\b|at\b|for\b|from\b){_KEY})(?: tag| label)?(?!\S)"
    )),
    ("tags_present", re.compile(
        rf"(?<!\S)(?:with|having|that have|which have|carrying)(?: an?| the)? (?P<key>(?!no\b|any\b){_KEY}) (?:tag|"
        rf"label)(?!\S)"
    )),
    ("tags", re.compile(rf"(?<!\S)(?:(?:tag|label) )?(?P<key>(?!https?|arn){_KEY})[=](?P<value>{_VALUE})(?!\S)")),
    ("tags", re.compile(rf"(?<!\S)(?P<key>{_KNOWN_KEYS}):(?P<value>{_VALUE})(?!\S)")),
    ("tags", re.compile(rf"(?<!\S)(?P<key>{_KNOWN_KEYS}) (?:=|:) (?P<value>{_VALUE})(?!\S)")),
    ("tags", re.compile(
        r"(?<!\S)(?:owned by|belonging to|belong to|of|for|by|"
        r"from)(?: the)? (?P<key>team) (?P<value>(?!is\b|in\b|and\b|on\b|tags?\b|over\b|for\b|this\b|"
        r"last\b)[a-z][\w-]*)(?!\S)"
    )),
    ("tags", re.compile(
        r"(?<!\S)(?:owned by|belonging to|belong to|of|for|by|"
        r"from)(?: the)? (?P<value>(?!the\b|our\b|my\b|each\b|per\b|by\b|your\b|whole\b|tag\b|label\b|which\b|"
        r"every\b)[a-z][\w-]*) (?P<key>team)(?!\S)"
    )),
    ("tags", re.compile(
        r"(?<!\S)(?:does|did|has|is|will|and|about|by)(?: only)? the (?P<value>(?!whole\b|entire\b|same\b|"
        r"other\b)[a-z][\w-]*) (?P<key>team)(?!\S)"
    )),
    ("tags", re.compile(
        r"(?<!\S)(?P<key>team) (?P<value>(?!is\b|in\b|and\b|on\b|the\b|of\b|members?\b)[a-z][\w-]*)(?= (?:own|owns|"
        r"has|have|uses?|runs?|is|are|'s|spend|spends|spent|cost|costs|untouched|alone|out|running|though|please|and|"
        r"aside|excluded|\))\b| ?[?.,);]|$)"
    )),
    ("team", re.compile(r"(?<!\S)(?P<value>ml)(?!\S)")),
)  # fmt: skip
_REMOVE = (
    re.compile(
        rf"(?<!\S)(?:remove|delete|strip|drop|clear|untag|take off|rid of)(?: the|"
        rf" all)?(?: the)? (?P<key>(?!all\b|any\b|the\b|every\b){_KEY}) (?:tags?|labels?)(?!\S)"
    ),
    re.compile(
        rf"(?<!\S)(?:remove|delete|strip|drop|clear|take off)(?: the| all)?(?: the)? (?:tags?|labels?)(?: called|"
        rf" named| key)? (?P<key>(?!from\b|on\b|off\b){_KEY})(?P<more>(?:(?: ,|"
        rf" and)+ {_KEY}(?= (?:from|off|on|,|and)\b))*)(?!\S)"
    ),
    re.compile(rf"(?<=untag )(?P<key>{_KEY})(?= (?:from|on)\b)"),
)  # fmt: skip
_SET = (
    re.compile(rf"(?<!\S)(?:with|as|to|tags?|labels?|add|set|put|apply|and|,)(?: the)?(?: tags?| labels?)? {_PAIR}(?!\S)"),
    re.compile(
        rf"(?<!\S)(?:set|change|update)(?: the)? (?:tag |label )?(?P<key>(?!tag\b|label\b){_KEY})(?: tag|"
        rf" label)? (?:on .{{1,60}} )?to (?P<value>{_VALUE})(?!\S)"
    ),
    re.compile(rf"(?<!\S)(?:with|as|tags?|add)(?: the)? (?P<key>{_KNOWN_KEYS}) (?P<value>(?!tag\b|to\b|on\b|and\b|=){_VALUE})(?!\S)"),
    re.compile(rf"(?<!\S)(?P<key>{_KEY})[=:](?P<value>(?!/){_VALUE})(?!\S)"),
)  # fmt: skip
_BARE_ENV = re.compile(rf"(?<!\S)(?:(?:env|environment)[ =:]*)?(?P<env>{_ENV})(?: (?:env|environments?|envs))?(?!\S)")
_NON_ENV = re.compile(rf"(?<!\S)(?:non|not|outside|outside of)[ -](?P<env>{_ENV})(?!\S)")
_NON_ENV_WORD = re.compile(rf"(?<!\S)non-?(?P<env>{_ENV})(?!\S)")


def _environment(word: str) -> str:
    return ENVIRONMENTS[word]


def tags(reading: Reading, taken: frozenset[int]) -> Iterator[Span]:
    """Yield what a resource's tags must say: `tags` as (key, value), `tags_present`, `missing_tags`, in the order of precision."""
    claimed = set(taken)
    for rule, pattern in _RULES:
        for match, first, last in reading.find(pattern, frozenset(claimed)):
            claimed.update(range(first, last))
            found = match.groupdict()
            if rule in {"missing_tags", "tags_present"}:
                yield Span(first, last, rule, _typed(reading, match, "key"))
            elif rule == "env_tagged":
                yield Span(first, last, "tags", ("env", _environment(found["value"])))
            elif rule == "team":
                yield Span(first, last, "tags", ("team", found["value"]))
            else:
                value = found["value"]
                key = "env" if found["key"] == "environment" else found["key"]
                yield Span(first, last, "tags", (key, ENVIRONMENTS.get(value, value) if key == "env" else value))


def environments(reading: Reading, taken: frozenset[int]) -> Iterator[Span]:
    """Yield bare environment words as tags; "non-prod" as `not_env`."""
    claimed = set(taken)
    for pattern in (_NON_ENV_WORD, _NON_ENV):
        for match, first, last in reading.find(pattern, frozenset(claimed)):
            claimed.update(range(first, last))
            yield Span(first, last, "not_env", _environment(match["env"]))
    for match, first, last in reading.find(_BARE_ENV, frozenset(claimed)):
        if match["env"] in {"test", "testing"} and not _is_environment_here(reading, last):
            continue
        yield Span(first, last, "tags", ("env", _environment(match["env"])))


def _is_environment_here(reading: Reading, last: int) -> bool:
    """'Test vms' and "in test" are an environment, "test the alarm" is not."""
    before = reading.low(last - 2)
    if before in verb_openers():
        return True
    after = reading.low(last)
    return before in {
        "in",
        "all",
        "the",
        "from",
        "of",
        "our",
        "stop",
        "start",
        "and",
        "list",
        "down",
        "off",
        "up",
        "every",
        "on",
    } and after not in {"purposes", "purpose", "the", "a", "my", "it", "if", "that"}


def tags_to_set(reading: Reading, taken: frozenset[int]) -> Iterator[Span]:
    """Yield the tags a tagging request puts on."""
    claimed = set(taken)
    for pattern in _SET:
        for match, first, last in reading.find(pattern, frozenset(claimed)):
            claimed.update(range(first, last))
            yield Span(first, last, "set_tags", (match["key"], _typed(reading, match, "value")))


def tags_to_remove(reading: Reading, taken: frozenset[int]) -> Iterator[Span]:
    """Yield the tags an untagging request takes off; the verb is not part of the span."""
    claimed = set(taken)
    for pattern in _REMOVE:
        for match, *_ in reading.find(pattern):
            first, last = reading.token_range(match, "key")
            if not claimed.isdisjoint(range(first, last)):
                continue
            names = [match["key"], *re.findall(_KEY, match.groupdict().get("more") or "")]
            claimed.update(range(first, last))
            for name in names:
                if name != "and":
                    yield Span(first, last, "remove_tags", name)


def _typed(reading: Reading, match: re.Match[str], group: str) -> str:
    """Return a group as it was typed, not as it was repaired; in lower case."""
    first, last = reading.token_range(match, group)
    if last - first == 1 and len(reading.tokens[first].low) == len(match[group]):
        return reading.tokens[first].raw.lower()
    return match[group]
