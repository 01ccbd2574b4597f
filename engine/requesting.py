"""The request for a plan: what the agent server is told of what somebody wants. Pure.

Targets go as handles with allowed facts (`planning/context.py`), words in pseudonyms. Of the time only the hour and the weekday go, as they
are where people live, and not at all when the settings do not say where that is.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from functools import cache

from agent_server.contract.plan import Limits, Moment, PlanRequest, PlaybookUse
from engine.clouds.catalog import Catalog
from engine.planning import admission
from engine.planning.context import Target, facts
from engine.planning.following import Following
from engine.resolving import Wanted, parameters
from engine.understanding import Understood

MOST_TARGETS = 2000
_PROTECTING = ("snapshot", "detach")

Zone = Callable[[], tzinfo | None]


def nowhere() -> None:
    """Say that nobody has told where people live."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Guide:
    """A playbook that is to be followed: what the proposal is held against, what the agent server is sent, what the card says."""

    follow: Following
    use: PlaybookUse
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Requests:
    """Makes requests for plans.

    Attributes:
        catalog: All operations.
        tag_keys: Tag keys whose values the agent server may see.
        zone: Gives the time zone that the settings name, as they are now.
    """

    catalog: Catalog
    tag_keys: Sequence[str]
    zone: Zone

    def make(
        self,
        request_id: str,
        understood: Understood,
        parts: Sequence[Wanted],
        targets: Sequence[Target],
        *,
        max_targets: int,
        moment: Moment | None,
        guide: Guide | None = None,
    ) -> PlanRequest:
        """Return the request.

        Args:
            request_id: Its name.
            understood: What was said.
            parts: What it comes down to.
            targets: Everything it may touch.
            max_targets: How many the policy lets one plan touch.
            moment: When the plan would run.
            guide: The playbook to follow.
        """
        redact = cache(understood.redactor.redact)  # the same few tag values come again with every target
        sizes = [str(parameters(part.action, part.filters).get("instance_type", "")) for part in parts]
        return PlanRequest(
            request_id=request_id,
            text=understood.redacted,
            intent=understood.without_names(),
            targets=[
                facts(target, redact, tag_keys=self.tag_keys, wanted_size=sizes[target.part]) for target in targets
            ],
            capabilities=self._capabilities(parts, targets, guide),
            limits=Limits(max_targets=min(max_targets, MOST_TARGETS), max_steps=admission.MOST_STEPS),
            follow=guide.use if guide else None,
            moment=moment,
        )

    def moment(self, now: datetime) -> Moment | None:
        """Return the hour and the weekday where people live; None when nobody said where that is."""
        zone = self.zone()
        if zone is None:
            return None
        local = now.astimezone(zone)
        return Moment(hour=local.hour, weekday=local.weekday())

    def _capabilities(self, parts: Sequence[Wanted], targets: Sequence[Target], guide: Guide | None) -> list[str]:
        """Return the operations that serve what was asked, and those that protect things before it is done."""
        if guide is not None:
            return sorted({step.found.id for step in guide.follow.steps})
        kinds = {(parts[one.part].action, one.resource.type, one.resource.cloud) for one in targets}
        return sorted(
            {
                serving.id
                for asked, type_, cloud in kinds
                for action in (asked, *_PROTECTING)
                if (serving := self.catalog.serving(action, type_, cloud))
            }
        )
