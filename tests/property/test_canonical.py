"""The canonical form of plans: one value, one sequence of bytes, whichever way it was written."""

import json

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from engine.planning.canonical import canonical

_INTEGERS = st.integers(min_value=-(2**53) + 1, max_value=2**53 - 1)
_TEXTS = st.text(st.characters(exclude_categories=("Cs",)), max_size=12)
_VALUES = st.recursive(
    st.none() | st.booleans() | _INTEGERS | _TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_TEXTS, inner, max_size=4),
    max_leaves=20,
)


@given(_VALUES)
def test_the_form_is_that_of_the_standard(value: object) -> None:
    """Byte for byte what a general implementation of RFC 8785 writes, for any JSON value without fractions."""
    assert canonical(value) == rfc8785.dumps(value)


@given(st.dictionaries(st.text(st.characters(max_codepoint=127), max_size=6), _VALUES, max_size=6))
def test_the_order_of_keys_does_not_matter(value: dict[str, object]) -> None:
    """A mapping filled in another order is the same mapping."""
    assert canonical(dict(reversed(value.items()))) == canonical(value)


@given(_VALUES)
def test_what_was_written_reads_back(value: object) -> None:
    """Nothing is lost on the way."""
    assert json.loads(canonical(value)) == value


@pytest.mark.parametrize("value", [2**53, -(2**53), float("nan"), object(), {1: "a"}, "\ud800", {"a": ["\ud800"]}])
def test_what_has_no_form_is_an_error(value: object) -> None:
    """It is refused rather than written in some form that somebody else would not write."""
    with pytest.raises(ValueError):  # noqa: PT011 - what is raised differs by value; that it is a ValueError is the promise
        canonical(value)


@pytest.mark.parametrize(
    "char", [chr(point) for point in [*range(0x20), 0x22, 0x2F, 0x5C, 0x7F, 0x80, 0x2028, 0x1F600]]
)
def test_every_character_that_might_be_escaped_is_written_alike(char: str) -> None:
    """In a value and in a key."""
    value = {f"k{char}": f"v{char}"}
    assert canonical(value) == rfc8785.dumps(value)
