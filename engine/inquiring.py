"""What is asked of the clouds just before planning: may the credentials do it, and can the wanted size be had where a machine is.

Bounded in number and in time: what was not asked, or not answered in time, is unknown and says nothing. A yes is not asked for again for some
minutes, even one that came too late for its own plan; a no is, because it is what somebody goes and mends. The answers stand in the resources
themselves (`permissions`, and the fact `sizes_offered`), so that the plan's card, the judgement of risk and the agent server see the same.
"""

import asyncio
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, islice, zip_longest
from queue import Empty, SimpleQueue

from engine.clouds.catalog import Catalog
from engine.clouds.errors import CloudError
from engine.clouds.operation import Composite, Operation, Params
from engine.clouds.ports import CloudAccount
from engine.estate.resource import Permitted, Resource
from engine.granted import Answer, Asking, Granted, Key
from engine.planning.context import SIZES_OFFERED
from engine.planning.parameters import problem
from engine.resolving import Wanted, parameters

INQUIRY_SECONDS = 3.0
REMEMBERED_SECONDS = 300.0
MOST_PERMISSIONS = 20
MOST_PLACES = 20
_AT_ONCE = 10
_SIZE = "instance_type"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Use:
    """What would be done to a resource.

    Attributes:
        resource: Which.
        operations: By the id of what serves the wanted action, the operations that it comes down to.
        size: The size it is to get.
    """

    resource: Resource
    operations: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    size: str = ""

    @property
    def place(self) -> tuple[str, str, str, str, str]:
        """What decides whether a size can be had."""
        one = self.resource
        return (one.account, one.region, one.zone, one.type, self.size)


class Inquiring:
    """Asks.

    Args:
        accounts: The connected accounts.
        catalog: All operations.
        seconds: How long everything may take.
        remembered: For how many seconds a yes is not asked for again.
    """

    def __init__(
        self,
        accounts: Sequence[CloudAccount],
        catalog: Catalog,
        *,
        seconds: float = INQUIRY_SECONDS,
        remembered: float = REMEMBERED_SECONDS,
    ) -> None:
        self._accounts = {account.account: account for account in accounts}
        self._catalog = catalog
        self._seconds = seconds
        self._granted = Granted(seconds=remembered)

    async def __call__(
        self, parts: Sequence[Wanted], resources: Sequence[tuple[Resource, ...]]
    ) -> tuple[tuple[Resource, ...], ...]:
        """Return the resources of each part with what the clouds answered."""
        return await asyncio.to_thread(self._asked, parts, resources)

    def _asked(
        self, parts: Sequence[Wanted], resources: Sequence[tuple[Resource, ...]]
    ) -> tuple[tuple[Resource, ...], ...]:
        uses = [list(self._uses(part, found)) for part, found in zip(parts, resources, strict=True)]
        every = [use for found in uses for use in found]
        rights, offers = self._answers(every)
        return tuple(tuple(_learned(use, rights, offers) for use in found) for found in uses)

    def _uses(self, part: Wanted, resources: Sequence[Resource]) -> Iterator[_Use]:
        params = parameters(part.action, part.filters)
        return (self._use(part, params, one) for one in resources)

    def _use(self, part: Wanted, params: Params, resource: Resource) -> _Use:
        if part.follow is not None:
            steps = [(step.found, step.params) for step in part.follow.of(resource)]
        else:
            found = self._catalog.serving(part.action, resource.type, resource.cloud)
            steps = [(found, params)] if found else []
        return _Use(
            resource=resource,
            operations={found.id: _operations(found, params, resource) for found, params in steps},
            size=str(params.get(_SIZE, "")) if part.follow is None else "",
        )

    def _answers(self, uses: Sequence[_Use]) -> tuple["_Rights", "_Offers"]:
        """Ask everything at once that is not remembered, and take what has come when the time is over."""
        rights: _Rights = {}
        offers: _Offers = {}
        questions = [*self._about_rights(uses), *self._about_sizes(uses)]
        granted = self._granted.of(key for key, _ in questions)
        open_ = [(key, self._granted.keeping(key, ask)) for key, ask in questions if key not in granted]
        for key, answer in (*granted.items(), *_ask(open_, seconds=self._seconds)):
            if isinstance(answer, Permitted):
                rights[key] = answer
            elif answer is not None:
                offers[key] = answer
        return rights, offers

    def _about_rights(self, uses: Sequence[_Use]) -> Iterator["_Question"]:
        first = _spread(
            (use.resource.account, use.resource.id) for use in uses if use.resource.account in self._accounts
        )
        asked: dict[Key, Asking] = {}
        for use in uses:
            if use.resource.id in first:
                account = self._accounts[use.resource.account]
                for operation in dict.fromkeys(one for ids in use.operations.values() for one in ids):
                    asked.setdefault((operation, use.resource.id), _permitted(account, operation, use.resource))
        yield from asked.items()

    def _about_sizes(self, uses: Sequence[_Use]) -> Iterator["_Question"]:
        places: dict[Key, Asking] = {}
        for use in uses:
            if use.size and use.resource.account in self._accounts and len(places) < MOST_PLACES:
                places.setdefault(use.place, _offers(self._accounts[use.resource.account], use.size, use.resource))
        yield from places.items()


_Question = tuple[Key, Asking]
_Rights = dict[Key, Permitted]
_Offers = dict[Key, bool]


def _spread(found: Iterable[tuple[str, str]]) -> set[str]:
    """Return the first few resources of every account, as many as may be asked about: rights differ by account more than within one."""
    accounts: dict[str, dict[str, None]] = {}
    for account, id_ in found:
        accounts.setdefault(account, {})[id_] = None
    turns = chain.from_iterable(zip_longest(*accounts.values()))
    return set(islice((id_ for id_ in turns if id_ is not None), MOST_PERMISSIONS))


def _permitted(account: CloudAccount, operation: str, resource: Resource) -> Callable[[], Permitted]:
    return lambda: account.permitted(operation, resource)[0]


def _offers(account: CloudAccount, size: str, resource: Resource) -> Callable[[], bool | None]:
    return lambda: account.offers(size, resource)


def _ask(questions: Sequence[_Question], *, seconds: float) -> Iterator[tuple[Key, Answer]]:
    """Yield the answers that come in time; what a cloud would not say is unknown.

    The threads are daemons, as those of a scan are: a cloud that hangs does not keep the runner from ending.
    """
    waiting: SimpleQueue[_Question] = SimpleQueue()
    come: SimpleQueue[tuple[Key, Answer | Exception]] = SimpleQueue()
    for question in questions:
        waiting.put(question)
    until = time.monotonic() + seconds
    for _ in range(min(_AT_ONCE, len(questions))):
        threading.Thread(target=_work, args=(waiting, come, until), name="inquiry", daemon=True).start()
    for _ in questions:
        try:
            key, answer = come.get(timeout=max(until - time.monotonic(), 0.0))
        except Empty:
            return
        if isinstance(answer, Exception):
            raise answer
        yield key, answer


def _work(waiting: "SimpleQueue[_Question]", come: "SimpleQueue[tuple[Key, Answer | Exception]]", until: float) -> None:
    while time.monotonic() < until:
        try:
            key, ask = waiting.get_nowait()
        except Empty:
            return
        try:
            come.put((key, ask()))
        except CloudError:
            come.put((key, None))
        except Exception as broken:  # noqa: BLE001 - raised again where somebody waits for it
            come.put((key, broken))


def _operations(found: Operation | Composite, params: Params, resource: Resource) -> tuple[str, ...]:
    """Return the operations behind one, as far as its parameters are good enough to tell."""
    if isinstance(found, Operation):
        return (found.id,)
    if problem(found.params, params):
        return ()
    return tuple(dict.fromkeys(step.operation for step in found.expand(resource, params)))


def _learned(use: _Use, rights: _Rights, offers: _Offers) -> Resource:
    resource = use.resource
    known = dict(resource.permissions)
    for id_, behind in use.operations.items():
        answers = [rights.get((one, resource.id), Permitted.UNKNOWN) for one in behind]
        known |= dict(zip(behind, answers, strict=True))
        known[id_] = _worst(answers)
    facts = dict(resource.facts)
    if use.size and use.place in offers:
        facts[SIZES_OFFERED] = [use.size] if offers[use.place] else []
    return replace(resource, permissions=known, facts=facts)


def _worst(answers: Sequence[Permitted]) -> Permitted:
    order = (Permitted.DENIED, Permitted.UNKNOWN, Permitted.ALLOWED)
    return next((one for one in order if one in answers), Permitted.UNKNOWN)
