"""A "no" as a value: a code for scripts, a sentence for the person who asked, and the next door."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Why something will not be done.

    Attributes:
        code: Stable, dotted, lower case: `policy.denied`, `plan.unknown_operation`, `estate.nothing_found`.
        message: One sentence that says what was refused and why.
        reasons: What stands behind the sentence, one line each, where that is more than it says.
        doors: What the person can do instead, each a short phrase; may be messages they could type.
    """

    code: str
    message: str
    reasons: tuple[str, ...] = ()
    doors: tuple[str, ...] = ()
