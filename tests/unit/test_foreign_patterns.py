"""Patterns that somebody else wrote: judged in bounded time, whole, by one engine on both sides."""

import pytest

from agent_server.contract.patterns import is_linear, matches
from agent_server.contract.playbook import Playbook
from agent_server.knowledge import library


@pytest.mark.parametrize("pattern", [r"(a+)+$", r"(a|a)*b", r"(?:x+x+)+y", r"a*a*a*a*a*a*b"])
def test_no_pattern_keeps_anybody_busy(pattern: str) -> None:
    """What would take Python's engine longer than anybody lives ends at once."""
    assert is_linear(pattern)
    assert matches(pattern, "a" * 500 + "!") is False
    assert matches(pattern, "x" * 500 + "!") is False


@pytest.mark.parametrize("pattern", ["(", r"(a)\1", "(?=a)a", "a)(b", "[", "*"])
def test_what_cannot_be_checked_in_bounded_time_is_not_taken(pattern: str) -> None:
    """Refused where it is published, and of no text it can be said that it matches."""
    assert not is_linear(pattern)
    assert matches(pattern, "a") is None


def test_a_pattern_matches_the_whole_text() -> None:
    """Neither a beginning nor one of several lines nor one alternative's part."""
    assert matches("a|b", "b") is True
    assert matches("a|b", "ab") is False
    assert matches("[a-z]+", "abc\n") is False
    assert matches("(?m)^a$", "b\na") is False


@pytest.mark.parametrize("book", library.playbooks().values(), ids=lambda book: book.id)
def test_the_librarys_own_patterns_need_no_exception(book: Playbook) -> None:
    """So that a playbook of the library can be exported, edited and kept as one's own."""
    assert all(is_linear(parameter.pattern) for parameter in book.parameters)
