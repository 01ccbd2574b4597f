"""A plan with everything judged about it, as the bytes that are kept.

The canonical bytes are kept as they were hashed; what was judged (requirement, risk, the targets before) stands beside
them and is not part of the digest. The first line of the stored bytes is a SHA-256 over all the rest, which shows whether any
of it was changed since; that nobody writes both anew is what the envelope around the stored bytes is for.
"""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

from pydantic import TypeAdapter, ValidationError

from engine.approval.requirement import Act, Requirement
from engine.estate.resource import Resource
from engine.planning.admission import Admitted
from engine.planning.money import Money
from engine.planning.plan import load
from engine.planning.risk import Risk

VERSION = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """One line of the agent server's about a plan; `loud` when it should not be missed."""

    text: str
    loud: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What is told about a plan besides itself.

    Attributes:
        action: The verb of the plan, for its headline.
        words: How it is said: ("Stop", "Stopping", "Stopped").
        requester: The requester's display name.
        notes: Lines for the card: cells not read again, left out targets.
        remarks: What the agent server says about it: foreign words.
        cost: Its sentence on money, where the runner itself knows no price.
        alike: Ids of playbooks that, it says, do the same.
        text: The message that asked for it, so that a drifted plan can be made anew.
        undoes: The plan this one takes back, or empty.
        playbook: The playbook it follows, as `id@version`, or empty.
        times: How often the same was planned by now, this time included; 0 when not counted.
    """

    action: str
    words: tuple[str, str, str]
    requester: str = ""
    notes: tuple[str, ...] = ()
    remarks: tuple[Remark, ...] = ()
    cost: str = ""
    alike: tuple[str, ...] = ()
    text: str = ""
    undoes: str = ""
    playbook: str = ""
    times: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What the store holds of one plan."""

    admitted: Admitted
    told: Told


@dataclass(frozen=True, slots=True, kw_only=True)
class _Form:
    v: int
    canonical: str
    requirement: Requirement
    risk: Risk
    before: Mapping[str, Resource]
    money: Money | None
    acts: tuple[Act, ...]
    reversible: bool
    told: Told
    why_irreversible: tuple[str, ...] = field(default=())


_FORM = TypeAdapter(_Form)


class DigestMismatch(Exception):
    """The stored plan is not the one whose digest was approved."""


def dump(kept: Kept) -> bytes:
    """Return the bytes to store."""
    admitted = kept.admitted
    form = _Form(
        v=VERSION,
        canonical=base64.b64encode(admitted.plan.canonical).decode(),
        requirement=admitted.requirement,
        risk=admitted.risk,
        before=admitted.before,
        money=admitted.money,
        acts=admitted.acts,
        reversible=admitted.reversible,
        told=kept.told,
        why_irreversible=admitted.why_irreversible,
    )
    body = _FORM.dump_json(form)
    return _line(body) + body


def _line(body: bytes) -> bytes:
    return hashlib.sha256(body).hexdigest().encode() + b"\n"


def _form(payload: bytes) -> _Form:
    line, _, body = payload.partition(b"\n")
    if line + b"\n" != _line(body):
        raise DigestMismatch("the stored plan was changed; it will not be run")
    try:
        return _FORM.validate_json(body)
    except ValidationError:
        raise DigestMismatch("the stored plan cannot be read; it will not be run") from None


def _canonical(form: _Form) -> bytes:
    try:
        return base64.b64decode(form.canonical, validate=True)
    except ValueError:
        raise DigestMismatch("the stored plan cannot be read; it will not be run") from None


def read(payload: bytes, *, digest: str) -> Kept:
    """Read what `dump` wrote.

    Args:
        payload: The stored bytes.
        digest: The digest kept beside them.

    Raises:
        DigestMismatch: The canonical bytes do not hash to `digest`, what was judged about them was changed, or the bytes are
            no plan of this version.
    """
    form = _form(payload)
    canonical = _canonical(form)
    if form.v != VERSION or hashlib.sha256(canonical).hexdigest() != digest:
        raise DigestMismatch("the stored plan does not match its digest; it will not be run")
    return Kept(
        admitted=Admitted(
            plan=load(canonical),
            requirement=form.requirement,
            risk=form.risk,
            before=form.before,
            money=form.money,
            acts=form.acts,
            reversible=form.reversible,
            why_irreversible=form.why_irreversible,
        ),
        told=form.told,
    )
