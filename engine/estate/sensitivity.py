"""How sensitive the data of a resource is, by what its tags and facts say: pure. Used for severity and risk."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import IntEnum

from engine.estate.resource import Json, Resource

CLASS_TAGS: tuple[str, ...] = (
    "data-class",
    "data-classification",
    "classification",
    "sensitivity",
    "confidentiality",
)
"""Tag keys that tell the class; compared without case, with `-`, `_`, `:` and spaces alike."""

_FINDINGS = ("macie", "macie_findings")
"""Facts that hold what Amazon Macie found: its finding types, such as `SensitiveData:S3Object/Financial`."""


class DataClass(IntEnum):
    """From harmless to most sensitive; a higher one wins over a lower one."""

    UNKNOWN = 0
    PUBLIC = 1
    INTERNAL = 2
    CONFIDENTIAL = 3
    RESTRICTED = 4


_WORDS: Mapping[str, DataClass] = {
    "public": DataClass.PUBLIC,
    "open": DataClass.PUBLIC,
    "internal": DataClass.INTERNAL,
    "private": DataClass.INTERNAL,
    "low": DataClass.INTERNAL,
    "confidential": DataClass.CONFIDENTIAL,
    "sensitive": DataClass.CONFIDENTIAL,
    "medium": DataClass.CONFIDENTIAL,
    "high": DataClass.RESTRICTED,
    "restricted": DataClass.RESTRICTED,
    "secret": DataClass.RESTRICTED,
    "pii": DataClass.RESTRICTED,
    "personal": DataClass.RESTRICTED,
    "phi": DataClass.RESTRICTED,
    "hipaa": DataClass.RESTRICTED,
    "pci": DataClass.RESTRICTED,
    "financial": DataClass.RESTRICTED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sensitivity:
    """A data class and what says so: `tag data-class=pii`; empty when nothing does."""

    data_class: DataClass
    because: str


def sensitivity(resource: Resource) -> Sensitivity:
    """Return the most sensitive class that anything about the resource tells.

    A class that is named in a word not known here counts as confidential: someone marked it, and the mark is not harmless by
    default. Macie's findings count as restricted.
    """
    told = [*_by_tags(resource.tags), *_by_findings(resource.facts)]
    return max(told, key=lambda each: each.data_class, default=Sensitivity(data_class=DataClass.UNKNOWN, because=""))


def _by_tags(tags: Mapping[str, str]) -> Iterable[Sensitivity]:
    for key, value in tags.items():
        if _plain(key) in _KEYS and value.strip():
            yield Sensitivity(data_class=_class_of(value), because=f"tag {key}={value}")


def _by_findings(facts: Mapping[str, Json]) -> Iterable[Sensitivity]:
    for name in _FINDINGS:
        found = facts.get(name)
        if isinstance(found, list) and found:
            yield Sensitivity(data_class=DataClass.RESTRICTED, because=f"Macie finding {found[0]}")


def _class_of(value: str) -> DataClass:
    words = value.casefold().replace("/", " ").replace(",", " ").replace("-", " ").replace("_", " ").split()
    known = [_WORDS[word] for word in words if word in _WORDS]
    return max(known, default=DataClass.CONFIDENTIAL)


def _plain(key: str) -> str:
    return key.casefold().translate(str.maketrans("", "", "-_: "))


_KEYS = frozenset(map(_plain, CLASS_TAGS))
