"""What a reading changes: only a full one removes, a mass drop waits, and what changed is told."""

from dataclasses import replace

from engine.estate.changes import ChangeKind
from engine.estate.resource import CellStatus
from engine.estate.selector import Selector
from engine.estate.store import EstateStore
from engine.storage.keys import KeyRing
from tests.fakes.estate import MovableClock, cell, machine, scan
from tests.fakes.estate_places import LOCAL_MODE, Place, names

pytestmark = LOCAL_MODE


def test_only_a_full_reading_makes_resources_vanish(store: EstateStore, clock: MovableClock) -> None:
    """Denied, throttled, partial and unanswered readings remove nothing and leave standing when the last full one was."""
    first = clock.now
    store.upsert(scan(first, machine("a"), machine("b")))
    for status in (
        CellStatus.PARTIAL,
        CellStatus.DENIED,
        CellStatus.THROTTLED,
        CellStatus.TIMEOUT,
        CellStatus.UNREACHABLE,
    ):
        tried = clock.forward(hours=1)
        shown = (machine("a"),) if status is CellStatus.PARTIAL else ()
        written = store.upsert(scan(tried, *shown, status=status))
        state = store.coverage()[0]
        assert (written.removed, names(store)) == (0, ["a", "b"])
        assert (state.status, state.tried_at, state.read_at, state.count) == (status, tried, first, 2)
        assert state.age(clock.now) == clock.now - first
    written = store.upsert(scan(clock.forward(hours=1), machine("a")))
    assert (written.removed, names(store)) == (1, ["a"])


def test_a_full_reading_of_one_cell_touches_no_other(store: EstateStore, clock: MovableClock) -> None:
    """Vanishing stays inside the cell."""
    store.upsert(scan(clock.now, machine("east")))
    store.upsert(scan(clock.now, machine("west", region="eu-west-1"), where=cell("eu-west-1")))
    store.upsert(scan(clock.forward(hours=1), where=cell("eu-west-1")))
    assert names(store) == ["east"]


def test_a_mass_drop_waits_for_a_second_run(store: EstateStore, clock: MovableClock) -> None:
    """More than half and more than twenty gone at once stay until a second run agrees; a quick re-reading is none."""
    fleet = [machine(f"m-{n:02d}") for n in range(40)]
    store.upsert(scan(clock.now, *fleet))
    held = store.upsert(scan(clock.forward(hours=1), *fleet[:5]))
    assert (held.removed, held.held, len(store)) == (0, 35, 40)
    assert store.coverage()[0].status is CellStatus.PARTIAL
    assert "35" in store.coverage()[0].reason
    assert store.upsert(scan(clock.forward(minutes=1), *fleet[:5]), confirms=False).removed == 0
    confirmed = store.upsert(scan(clock.forward(hours=1), *fleet[:5]))
    assert (confirmed.removed, confirmed.held, len(store)) == (35, 0, 5)
    assert store.coverage()[0].status is CellStatus.OK


def test_a_mass_drop_that_was_a_mistake_is_forgotten(store: EstateStore, clock: MovableClock) -> None:
    """When the next run shows them again nothing was lost and nothing is held."""
    fleet = [machine(f"m-{n:02d}") for n in range(40)]
    store.upsert(scan(clock.now, *fleet))
    store.upsert(scan(clock.forward(hours=1)))
    back = store.upsert(scan(clock.forward(hours=1), *fleet))
    assert (back.upserted, back.removed, back.held, len(store)) == (0, 0, 0, 40)
    assert store.coverage()[0].status is CellStatus.OK


def test_a_mass_drop_is_still_held_after_opening_again(
    store: EstateStore, place: Place, ring: KeyRing, clock: MovableClock
) -> None:
    """What waits is remembered on disk."""
    store.upsert(scan(clock.now, *(machine(f"m-{n:02d}") for n in range(40))))
    store.upsert(scan(clock.forward(hours=1)))
    again = EstateStore(place.index(), ring, clock)
    assert len(again.coverage()[0].held) == 40
    assert again.upsert(scan(clock.forward(hours=1))).removed == 40


def test_half_of_a_small_cell_may_go_at_once(store: EstateStore, clock: MovableClock) -> None:
    """Twenty or fewer are no mass drop."""
    store.upsert(scan(clock.now, *(machine(f"m-{n:02d}") for n in range(20))))
    assert store.upsert(scan(clock.forward(hours=1))).removed == 20


def test_a_broad_reading_does_not_take_over_what_a_deep_one_owns(store: EstateStore, clock: MovableClock) -> None:
    """A pass over everything, such as Resource Graph, adds what no deep scanner knows and leaves the rest alone."""
    deep = machine("web-1", env="dev")
    store.upsert(scan(clock.now, deep))
    broad = cell(service="everything")
    store.upsert(
        scan(clock.now, replace(deep, facts={}, state=""), replace(machine("odd"), type="sqs::queue"), where=broad)
    )
    assert store.get(deep.id) == deep
    assert names(store) == ["odd", "web-1"]
    store.upsert(scan(clock.forward(hours=1), where=broad))
    assert names(store) == ["web-1"]


def test_changes_since_yesterday_say_which_fields(store: EstateStore, clock: MovableClock) -> None:
    """Added, removed and changed, with before and after; a first reading is no news."""
    store.upsert(scan(clock.now, machine("keeps"), machine("stops", env="dev"), machine("goes")))
    yesterday = clock.forward(hours=1)
    store.upsert(
        scan(clock.forward(hours=1), machine("keeps"), machine("stops", state="stopped", env="qa"), machine("comes"))
    )
    news = {change.name: change for change in store.changes(yesterday)}
    assert {name: change.kind for name, change in news.items()} == {
        "stops": ChangeKind.CHANGED,
        "goes": ChangeKind.REMOVED,
        "comes": ChangeKind.ADDED,
    }
    fields = [(field.field, field.before, field.after) for field in news["stops"].fields]
    assert fields == [("state", "running", "stopped"), ("tags.env", "dev", "qa")]
    assert store.changes(clock.forward(hours=1)) == ()


def test_changes_are_kept_for_five_weeks(store: EstateStore, place: Place, ring: KeyRing, clock: MovableClock) -> None:
    """Old news is removed when the estate is opened."""
    start = clock.now
    store.upsert(scan(clock.now))
    store.upsert(scan(clock.forward(hours=1), machine("early")))
    clock.forward(days=34)
    assert [change.name for change in EstateStore(place.index(), ring, clock).changes(start)] == ["early"]
    clock.forward(days=3)
    assert EstateStore(place.index(), ring, clock).changes(start) == ()


def test_a_single_reading_after_a_change_is_taken_in(store: EstateStore, clock: MovableClock) -> None:
    """What was just stopped is shown stopped; what was just deleted is gone; the cell's own time stays."""
    read_at = clock.now
    web, old = machine("web-1"), machine("old")
    store.upsert(scan(read_at, web, old))
    clock.forward(minutes=1)
    store.put(replace(web, state="stopped"))
    store.drop(old.id)
    assert [(resource.name, resource.state) for resource in store.select(Selector()).resources] == [
        ("web-1", "stopped")
    ]
    assert (store.coverage()[0].read_at, store.coverage()[0].count) == (read_at, 1)
    assert {change.kind for change in store.changes(read_at)} == {ChangeKind.CHANGED, ChangeKind.REMOVED}


def test_a_disconnected_account_leaves_nothing_behind(
    store: EstateStore, place: Place, ring: KeyRing, clock: MovableClock
) -> None:
    """Its cells go with their resources and their state; others stay."""
    store.upsert(scan(clock.now, machine("a"), machine("b")))
    store.upsert(scan(clock.now, machine("eu", region="eu-west-1"), where=cell("eu-west-1")))
    assert store.forget(cell()) == 2
    for estate in (store, EstateStore(place.index(), ring, clock)):
        assert [state.cell for state in estate.coverage()] == [cell("eu-west-1")]
    assert len(estate) == 1
