"""One thing that can be done to one kind of resource, declared as data.

An `Operation` holds no code that talks to a cloud: the account behind `ports.CloudAccount` does the call, looked up by
`Operation.id`. So the whole catalogue can be listed, checked and documented without any SDK.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from engine.estate.resource import Cloud, Json, Resource

Params = Mapping[str, Json]


class Effect(StrEnum):
    """What an operation does to the world."""

    READ = "read"
    WRITE = "write"
    DESTROY = "destroy"


class ReplayClass(StrEnum):
    """What may be done when it is not known whether a call took effect.

    `token`: repeat with the same idempotency token. `natural`: repeating changes nothing more. `state`: look first,
    repeat only when the wanted state is not there. `cas`: repeat with the same expected version; a mismatch means look.
    `once`: never repeat; say `uncertain`.
    """

    TOKEN = "token"
    NATURAL = "natural"
    STATE = "state"
    CAS = "cas"
    ONCE = "once"


class ParamKind(StrEnum):
    """The closed set of shapes a parameter may have."""

    TEXT = "text"
    INTEGER = "integer"
    BOOLEAN = "boolean"
    TEXT_MAP = "text_map"
    TEXT_LIST = "text_list"


@dataclass(frozen=True, slots=True, kw_only=True)
class Param:
    """One parameter of an operation.

    Attributes:
        name: Its name in the plan.
        kind: Its shape.
        required: Whether a plan without it is refused.
        pattern: For texts (and keys and values of maps): what must match wholly.
        choices: For texts: the closed set, when there is one.
        most: Highest integer, longest text, most entries.
        from_plan: For texts: when the proposal does not give it, admission fills in the plan's id, so that a name derived
            from it is the same at every attempt and a later look can tell whether this plan made the thing.
    """

    name: str
    kind: ParamKind
    required: bool = True
    pattern: str = r"[\s\S]*"
    choices: tuple[str, ...] = ()
    most: int = 256
    from_plan: bool = False


class Verdict(StrEnum):
    """What a fresh look at the target says about a step.

    `untold`: the target looks the same before and after, as with a restart. After an answered call that is all there is
    to see; after an unanswered one it is uncertain.
    """

    DONE = "done"
    UNDERWAY = "underway"
    NOT_DONE = "not_done"
    UNTOLD = "untold"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpandedStep:
    """One API step a composite or an undo expands into; `after` are indexes of earlier steps of the same expansion."""

    operation: str
    params: Params = field(default_factory=dict)
    after: tuple[int, ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Inverse:
    """How to take an operation back, computed from the resource as it was before.

    Attributes:
        operation: The operation that usually does it; cards name it.
        params: Its parameters.
        choose: When the way back depends on how things were (restore a value, or delete what was not there): all steps
            of it. None when `operation` with `params` is always the way back.
    """

    operation: str
    params: Callable[[Resource, Params], Params] = field(default=lambda _before, _params: {})
    choose: Callable[[Resource, Params], tuple[ExpandedStep, ...]] | None = None

    def steps(self, before: Resource, params: Params) -> tuple[ExpandedStep, ...]:
        """Return the steps that take the operation back; none when it had changed nothing or cannot be taken back."""
        if self.choose is not None:
            return self.choose(before, params)
        return (ExpandedStep(operation=self.operation, params=self.params(before, params)),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One thing that can be done to one kind of resource.

    Attributes:
        id: aws: boto3 service and client method, `aws.ec2.stop_instances`; azure: package suffix, group and method without
            `begin_`, `azure.compute.virtual_machines_deallocate`; gcp: client module and method, `gcp.compute.instances_stop`.
        action: The verb of the intent schema it serves: `stop`, `start`, `make_private`, …; empty when it only appears in
            composites and undos.
        type: The kind of resource it acts on.
        cloud: Where.
        effect: Read, write or destroy.
        replay: What recovery may do.
        permissions: The cloud's own names of what the caller needs.
        words: How cards say it: ("Stop", "Stopping", "Stopped").
        verdict: Judges a fresh read of the target (None when it is gone) against the parameters.
        cli: The same as one command line, for people who want to see it.
        params: Its parameters.
        from_states: States in which it may be called; empty for any. Already in the wanted state is judged by `verdict`.
        inverse: How to take it back, or None when nothing does.
        no_inverse_because: Said on the card when `inverse` is None.
        exposes: Whether it can weaken security (public access, wider rights): treated as dangerous.
        exposes_when: For an operation that tightens or weakens depending on its parameters; `weakens` asks it.
        expected_seconds: How long it usually takes, for progress.
        deadline_seconds: How long verification waits.
    """

    id: str
    action: str
    type: str
    cloud: Cloud
    effect: Effect
    replay: ReplayClass
    permissions: tuple[str, ...]
    words: tuple[str, str, str]
    verdict: Callable[[Resource | None, Params], Verdict]
    cli: Callable[[Resource, Params], str]
    params: tuple[Param, ...] = ()
    from_states: frozenset[str] = frozenset()
    inverse: Inverse | None = None
    no_inverse_because: str = ""
    exposes: bool = False
    exposes_when: Callable[[Params], bool] | None = None
    expected_seconds: int = 15
    deadline_seconds: int = 300

    def weakens(self, params: Params) -> bool:
        """Say whether, with these parameters, it weakens security."""
        return self.exposes and (self.exposes_when is None or self.exposes_when(params))


@dataclass(frozen=True, slots=True, kw_only=True)
class Composite:
    """An operation of our own that becomes typed API steps at planning time, all of them shown on the card.

    Attributes:
        id: `escher.s3.make_private`.
        expand: From the resource as it is and the composite's parameters to the steps; no steps when nothing is left to do.
    """

    id: str
    action: str
    type: str
    cloud: Cloud
    words: tuple[str, str, str]
    expand: Callable[[Resource, Params], tuple[ExpandedStep, ...]]
    params: tuple[Param, ...] = ()
