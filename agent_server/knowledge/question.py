"""A question made ready for the search: its words with their synonyms, what kinds of things it names, what it wants done.

`synonyms.tsv` holds what people say and what the clouds' own texts say instead. Columns: `cloud` (`any` for all), `said`, `terms` (words of the
clouds' texts: `delete|remove` are alternatives, `db instance` belong together; or empty), `begins` (what ids of operations begin with that this points to, space-separated, or empty).
The words of `contract/resource_types.tsv` point to the operations of their kind in the same way.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

from agent_server.contract.types import resource_types
from agent_server.embedding.port import Vectors
from agent_server.knowledge.effects import Effect
from agent_server.knowledge.words import stem, tokens

_LONGEST = 4
_SAID_OTHERWISE = 0.95
"""How much a synonym weighs against the word that was said."""
_TOGETHER = 0.8
"""How much each further word of a synonym of several words weighs."""
_UNSAID = 0.3
"""How much the verbs of looking weigh in a question that has none."""
_LOOKING = frozenset(map(stem, ("list", "describe", "get")))
_ASKING = frozenset(
    {
        "are",
        "can",
        "check",
        "count",
        "describe",
        "did",
        "display",
        "do",
        "does",
        "find",
        "get",
        "has",
        "have",
        "how",
        "is",
        "list",
        "look",
        "see",
        "show",
        "tell",
        "view",
        "was",
        "were",
        "what",
        "whats",
        "when",
        "where",
        "which",
        "who",
        "whose",
        "why",
    }
)
_FRAME = re.compile(
    r"^(?:(?:please|hi|hello|hey),?|(?:how|where|when) (?:do|can|could|should|would|may|must) (?:i|we|you|one|someone)|how to|"
    r"(?:is|are) there (?:a|an|any|some)?\s*(?:easy|simple|good|quick|other)?\s*ways? (?:to|of)|"
    r"(?:can|could|would|will) (?:you|we|i|someone)(?: please)?|"
    r"(?:i|we) (?:want|need|have|would like|wish) to|(?:i|we)['\u2019]?d like to|help me(?: to)?|what is the (?:best|easiest|right) way to)\s+",
    re.IGNORECASE,
)
"""What only says that something is asked for."""
_WARNING = re.compile(
    r"^(?:(?:tell|show|let) (?:me|us) (?:know )?(?:when|if|as soon as)|(?:get|be) (?:notified|alerted|warned|told))\b"
)
"""Asks for an alarm, not for a look."""
_SPARING = re.compile(
    r"\b(?:nobody|no one|never|not|dont|doesnt|cannot|cant|prevent|protect\w*|keep|accident\w*|mistake)\b"
)
"""Whoever says so wants an end to be kept off, or undone."""
_ENDING = frozenset({"delete", "remove", "terminate", "destroy", "drop", "purge", "kill", "erase", "wipe"})
_PARTED = re.compile(r"\b(turn|switch|power|shut)\s+(.{1,40}?)\s+(on|off|down)\b", re.IGNORECASE)
"""A verb that is said in two parts: turn the machine off."""
_CLOUDS = {"aws": frozenset(tokens("aws amazon")), "azure": frozenset(tokens("azure")), "gcp": frozenset(tokens("gcp"))}
"""What a cloud is called: where it is known, its name tells nothing."""
_VERBS_OF_LISTS = ("list_", "describe_", "get_", "aggregated_list", "search_")


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What was asked.

    Attributes:
        text: As it was said.
        words: One group for each idea: stemmed words of which any will do, and how much each weighs.
        begins: What ids of operations begin with that the words point to.
        effect: What it seems to want: to look, to change or to destroy.
        vector: Its meaning, where there is a model.
    """

    text: str
    words: tuple[Mapping[str, float], ...]
    begins: frozenset[str]
    effect: Effect
    vector: Vectors | None = None

    @property
    def said(self) -> frozenset[str]:
        """The words that were said themselves, stemmed, without what may stand for them."""
        return frozenset(word for group in self.words for word, weight in group.items() if weight == 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Meant:
    """What a phrase stands for.

    Attributes:
        terms: Words of which any will do, or that belong `together`.
        begins: What ids of operations begin with that it points to.
    """

    terms: tuple[str, ...] = ()
    together: bool = False
    begins: tuple[str, ...] = ()


def bare(text: str) -> str:
    """Return a question without the words around what is asked for: "How do I stop a vm?" asks for "stop a vm?"."""
    said = " ".join(text.split())
    while (rest := _FRAME.sub("", said, count=1)) != said:
        said = rest
    return said


def question(text: str, cloud: str = "any", vector: Vectors | None = None) -> Question:
    """Return a question about one cloud, or about any."""
    said = tuple(word for word in tokens(_PARTED.sub(r"\1 \3 \2", bare(text))) if word not in _CLOUDS.get(cloud, ()))
    effect = _effect(text)
    groups: list[dict[str, float]] = []
    begins: set[str] = set()
    at = 0
    while at < len(said):
        width, meant = _longest(said[at : at + _LONGEST], cloud)
        groups += _ideas(said[at : at + width], meant)
        begins.update(begin for one in meant for begin in one.begins)
        at += width
    if effect == "read" and groups and not _LOOKING & set(said):
        groups.append(dict.fromkeys(_LOOKING, _UNSAID))
    return Question(text=text, words=tuple(groups), begins=frozenset(begins), effect=effect, vector=vector)


def _ideas(said: tuple[str, ...], meant: tuple[_Meant, ...]) -> list[dict[str, float]]:
    """Return the groups of a phrase: each of its words, with what may stand for it; what belongs together counts word by word."""
    groups = [{word: 1.0} for word in said]
    for one in meant:
        new = [term for term in one.terms if term not in said]
        if not one.together:
            groups[0].update(dict.fromkeys(new, _SAID_OTHERWISE))
        elif new:
            groups[-1].setdefault(new[0], _SAID_OTHERWISE)
            groups += [{term: _TOGETHER} for term in new[1:] if {term: _TOGETHER} not in groups]
    return groups


def _longest(said: tuple[str, ...], cloud: str) -> tuple[int, tuple[_Meant, ...]]:
    """Return how many words belong together, and what they mean."""
    for width in range(len(said), 0, -1):
        if meant := _phrases(cloud).get(said[:width]):
            return width, meant
    return 1, ()


def _effect(text: str) -> Effect:
    """Return what is wanted; nouns such as "termination protection" do not ask for an end, nor does who wants to keep it off."""
    said = " ".join(re.findall(r"[\w-]+", bare(text).lower().replace("'", "")))
    words = said.split()
    if _ENDING & set(words) and not _SPARING.search(said) and words[0] not in _ASKING:
        return "destroy"
    looks = words and words[0] in _ASKING and not said.startswith("get rid ") and not _WARNING.search(said)
    return "read" if looks else "write"


@cache
def _phrases(cloud: str) -> Mapping[tuple[str, ...], tuple[_Meant, ...]]:
    found: dict[tuple[str, ...], tuple[_Meant, ...]] = {}
    for said, meant in (*_synonyms(cloud), *_kinds(cloud)):
        key = tokens(said)
        if key:
            found[key] = (*found.get(key, ()), meant)
    return found


def _synonyms(cloud: str) -> Iterator[tuple[str, _Meant]]:
    table = resources.files("agent_server.knowledge").joinpath("synonyms.tsv").read_text(encoding="utf-8")
    for line in table.splitlines()[1:]:
        where, said, terms, begins = line.split("\t")
        if where in {"any", cloud}:
            yield said, _Meant(terms=tokens(terms), together="|" not in terms, begins=tuple(begins.split()))


def _kinds(cloud: str) -> Iterator[tuple[str, _Meant]]:
    """Yield the words for a cloud's kinds of things, generic ones among them, with where their operations are."""
    generic = {row.type: row.words for row in resource_types() if row.cloud == "any"}
    for row in resource_types():
        if row.cloud == cloud and row.list_call:
            meant = _Meant(terms=_nouns(cloud, row.list_call), together=True, begins=(_begin(cloud, row.list_call),))
            for word in (*row.words, *generic.get(row.generic, ())):
                yield word, meant


def _begin(cloud: str, list_call: str) -> str:
    service, *rest = list_call.split(".")
    return f"aws.{service.replace('-', '_')}." if cloud == "aws" else f"{cloud}.{service}.{rest[0]}_"


def _nouns(cloud: str, list_call: str) -> tuple[str, ...]:
    _, *rest = list_call.split(".")
    if cloud != "aws":
        return tokens(rest[0])
    method = rest[-1]
    for verb in _VERBS_OF_LISTS:
        method = method.removeprefix(verb)
    return tokens(method)


@cache
def known_beginnings(cloud: str) -> frozenset[str]:
    """Return every beginning that a word points to: the parts of a cloud that people have words for."""
    return frozenset(begin for meant in _phrases(cloud).values() for one in meant for begin in one.begins)
