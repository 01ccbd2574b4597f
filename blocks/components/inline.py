"""Text as data: what a card may say inside one line.

A line is a tuple of pieces. Foreign text (names, tags, logs, model words) can only ever be a `Plain` or a `Code`
piece, which every renderer shows literally. Mentions and times exist only as their own pieces, so that no string,
whatever it contains, can become one.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from blocks.components.vocabulary import TimeStyle


class Frozen(BaseModel):
    """Base of every component model: unknown keys are errors, values never change.

    Half characters (lone surrogates, which JSON can smuggle in) become question marks on the way in, because no
    surface and no store could encode them.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    @model_validator(mode="before")
    @classmethod
    def _well_formed(cls, data: Any) -> Any:
        return _encodable(data)


def _encodable(value: Any) -> Any:
    if isinstance(value, str):
        return value if value.isascii() else value.encode("utf-8", "replace").decode()
    if value is None or isinstance(value, (int, Frozen)):
        return value
    if isinstance(value, (tuple, list)):
        return tuple([_encodable(item) for item in value])
    if isinstance(value, (dict, Mapping)):
        return {key: _encodable(item) for key, item in value.items()}
    return value


class Plain(Frozen):
    """Words shown exactly as they are; `strong` is the only emphasis."""

    kind: Literal["text"] = "text"
    text: str
    strong: bool = False


class Code(Frozen):
    """An id, a value or a command in monospace, shown exactly as it is."""

    kind: Literal["code"] = "code"
    text: str


class Person(Frozen):
    """Somebody by principal id; becomes a mention where the surface knows that person, else the name.

    `principal` is `slack:<team>:<user>`, `teams:<tenant>:<object id>`, `local:<os user>` or `rule:<id>`.
    """

    kind: Literal["person"] = "person"
    principal: str = ""
    name: str


class When(Frozen):
    """A moment, shown in the reader's own time zone where the surface can do that."""

    kind: Literal["time"] = "time"
    at: AwareDatetime
    style: TimeStyle = TimeStyle.TIME


Piece = Annotated[Plain | Code | Person | When, Field(discriminator="kind")]


def _as_pieces(value: Any) -> Any:
    """Let a plain string, one piece or a mixed sequence stand for a line."""
    if isinstance(value, str):
        return (Plain(text=value),) if value else ()
    if isinstance(value, Frozen):
        return (value,)
    if isinstance(value, Sequence):
        return tuple(Plain(text=item) if isinstance(item, str) else item for item in value)
    return value


Line = Annotated[tuple[Piece, ...], BeforeValidator(_as_pieces)]


def line(*pieces: str | Plain | Code | Person | When) -> tuple[Plain | Code | Person | When, ...]:
    """Build a line from strings and pieces; empty strings vanish."""
    return tuple(Plain(text=piece) if isinstance(piece, str) else piece for piece in pieces if piece != "")


def strong(pieces: Sequence[Plain | Code | Person | When]) -> tuple[Plain | Code | Person | When, ...]:
    """The same line with its words in bold."""
    return tuple(Plain(text=piece.text, strong=True) if isinstance(piece, Plain) else piece for piece in pieces)


def joined(
    parts: Sequence[Sequence[Plain | Code | Person | When]], separator: str = " · "
) -> tuple[Plain | Code | Person | When, ...]:
    """Put the non-empty lines behind each other with a separator between them."""
    pieces: list[Plain | Code | Person | When] = []
    for part in parts:
        if not part:
            continue
        if pieces:
            pieces.append(Plain(text=separator))
        pieces.extend(part)
    return tuple(pieces)
