"""How sensitive data is, as somebody marked it."""

from dataclasses import replace

import pytest

from engine.estate.sensitivity import DataClass, sensitivity
from tests.fakes.estate import machine

BARE = machine("box")


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ({"data-class": "pii"}, DataClass.RESTRICTED),
        ({"Data_Class": "Public"}, DataClass.PUBLIC),
        ({"DataClassification": "internal-only"}, DataClass.INTERNAL),
        ({"sensitivity": "PCI/DSS"}, DataClass.RESTRICTED),
        ({"data-class": "public", "classification": "confidential"}, DataClass.CONFIDENTIAL),
        ({"data-class": "class-7"}, DataClass.CONFIDENTIAL),
        ({"data-class": " "}, DataClass.UNKNOWN),
        ({"team": "pii"}, DataClass.UNKNOWN),
        ({}, DataClass.UNKNOWN),
    ],
)
def test_the_most_sensitive_mark_counts(tags: dict[str, str], expected: DataClass) -> None:
    """Keys in any spelling; of several marks the strictest; an unknown word is not harmless; no mark is said to be none."""
    assert sensitivity(replace(BARE, tags=tags)).data_class is expected


def test_what_macie_found_weighs_more_than_a_harmless_tag() -> None:
    """The reason names what decided."""
    found = replace(BARE, tags={"data-class": "public"}, facts={"macie": ["SensitiveData:S3Object/Personal"]})
    assert sensitivity(found).data_class is DataClass.RESTRICTED
    assert sensitivity(found).because == "Macie finding SensitiveData:S3Object/Personal"
    assert sensitivity(replace(BARE, tags={"data-class": "pii"})).because == "tag data-class=pii"
