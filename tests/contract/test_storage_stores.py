from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from engine.storage.cards import CardStore
from engine.storage.inbox import InboxStore
from engine.storage.outbox import OutboxStore
from engine.storage.reports import ReportStore
from engine.storage.schedule_runs import ScheduleRunStore
from engine.storage.settings_store import SettingsStore
from engine.storage.threads import ThreadStore


class TestInbox:
    @pytest.fixture
    def inbox(self, database, keys, ticking) -> InboxStore:
        """The store under test."""
        return InboxStore(database, keys, ticking)

    def test_the_same_event_is_taken_in_once(self, inbox):
        """A retry of the platform changes nothing, also after the event was handled."""
        assert inbox.accept("Ev1", b"hello", surface="slack")
        assert not inbox.accept("Ev1", b"hello", surface="slack")
        assert inbox.done("Ev1")
        assert not inbox.done("Ev1")
        assert not inbox.accept("Ev1", b"hello", surface="slack")
        assert inbox.pending() == []

    def test_pending_events_come_back_in_order(self, inbox):
        """A restart goes on where it stopped."""
        for n in range(3):
            inbox.accept(f"Ev{n}", f"text {n}".encode(), surface="teams")
        inbox.done("Ev1")
        assert [(item.key, item.body, item.surface) for item in inbox.pending()] == [
            ("Ev0", b"text 0", "teams"),
            ("Ev2", b"text 2", "teams"),
        ]

    def test_a_retry_storm_is_taken_in_once_for_each_event(self, inbox):
        """Sixty deliveries of twenty events make twenty."""
        with ThreadPoolExecutor(12) as pool:
            taken = list(pool.map(lambda n: inbox.accept(f"Ev{n % 20}", b"x", surface="slack"), range(60)))
        assert taken.count(True) == 20
        assert len(inbox.pending()) == 20

    def test_old_handled_events_are_forgotten_and_waiting_ones_are_not(self, inbox, ticking):
        """What was not handled stays, however old."""
        inbox.accept("Ev0", b"", surface="slack")
        inbox.accept("Ev1", b"", surface="slack")
        inbox.done("Ev0")
        assert inbox.prune(ticking() + timedelta(days=1)) == 1
        assert [item.key for item in inbox.pending()] == ["Ev1"]


class TestOutbox:
    @pytest.fixture
    def outbox(self, database, keys, ticking) -> OutboxStore:
        """The store under test."""
        return OutboxStore(database, keys, ticking)

    def test_items_are_due_in_the_order_they_were_put_in(self, outbox, ticking):
        """What is put off is not due; the rest keeps its order."""
        outbox.enqueue(b"one", surface="slack", channel="C1", kind="post")
        outbox.enqueue(b"later", surface="slack", channel="C1", kind="post", due_at=ticking() + timedelta(hours=1))
        outbox.enqueue(b"two", surface="teams", channel="C2", kind="post")
        assert [(item.body, item.channel) for item in outbox.due()] == [(b"one", "C1"), (b"two", "C2")]
        assert [item.body for item in outbox.due(surface="teams")] == [b"two"]
        assert outbox.next_due() <= ticking()

    def test_waiting_edits_of_one_card_become_one(self, outbox):
        """A burst of progress is one call to the platform, with the newest content."""
        ids = {
            outbox.enqueue(f"edit {n}".encode(), surface="slack", channel="C1", kind="update", coalesce="card 1")
            for n in range(5)
        }
        outbox.enqueue(b"other", surface="slack", channel="C1", kind="update", coalesce="card 2")
        assert len(ids) == 1
        assert [item.body for item in outbox.due()] == [b"edit 4", b"other"]

    def test_an_edit_that_arrives_while_the_former_is_sent_is_still_sent(self, outbox):
        """The last edit is never lost."""
        options = {"surface": "slack", "channel": "C1", "kind": "update", "coalesce": "card"}
        outbox.enqueue(b"50 %", **options)
        (sending,) = outbox.due()
        outbox.enqueue(b"100 %", **options)
        assert not outbox.sent(sending)
        (last,) = outbox.due()
        assert last.body == b"100 %"
        assert outbox.sent(last, b"C1/1.2")
        assert outbox.due() == []
        assert outbox.sent_ref(last.id) == b"C1/1.2"
        assert outbox.enqueue(b"again", **options) != last.id

    def test_a_failed_attempt_is_put_off_and_given_up_at_last(self, outbox, ticking):
        """Attempts are counted; what is given up is not due."""
        outbox.enqueue(b"x", surface="slack", channel="C1", kind="post")
        (first,) = outbox.due()
        outbox.retry(first, ticking() + timedelta(seconds=30))
        assert outbox.due() == []
        ticking.now += timedelta(minutes=1)
        (second,) = outbox.due()
        assert second.attempts == 1
        assert outbox.give_up(second)
        assert outbox.due() == []
        assert outbox.next_due() is None
        assert outbox.prune(ticking()) == 1


class TestThreads:
    @pytest.fixture
    def threads(self, database, keys, ticking) -> ThreadStore:
        """The store under test."""
        return ThreadStore(database, keys, ticking)

    def test_the_newest_turns_come_back_oldest_first(self, threads):
        """History is what was said last, in the order it was said, thread by thread."""
        for n in range(5):
            threads.append("slack:C1:1.0", f"turn {n}".encode())
        threads.append("slack:C1:2.0", b"elsewhere")
        assert [(turn.seq, turn.body) for turn in threads.history("slack:C1:1.0", 2)] == [
            (4, b"turn 3"),
            (5, b"turn 4"),
        ]
        assert threads.history("slack:C1:9.0", 2) == []

    def test_concurrent_turns_of_one_thread_are_all_kept(self, threads):
        """Two people who talk at once are both heard."""
        with ThreadPoolExecutor(8) as pool:
            numbers = list(pool.map(lambda n: threads.append("t", str(n).encode()), range(16)))
        assert sorted(numbers) == list(range(1, 17))

    def test_result_sets_stay_as_they_were_and_belong_to_their_thread(self, threads):
        """The word "those" means what was shown, in this conversation."""
        threads.keep_results("t1", "set-1", b"i-1 i-2")
        threads.keep_results("t1", "set-1", b"replaced")
        threads.keep_results("t1", "set-2", b"i-3")
        assert threads.results("t1", "set-1").body == b"i-1 i-2"
        assert threads.results("t2", "set-1") is None
        assert [found.set_id for found in threads.result_sets("t1")] == ["set-2", "set-1"]


class TestSmallStores:
    def test_every_card_of_a_subject_is_found(self, database, keys, ticking):
        """A plan shown in two places is edited in both."""
        cards = CardStore(database, keys, ticking)
        cards.add("plan:p-1", b"C1/1.0")
        cards.add("plan:p-1", b"C2/2.0")
        cards.add("plan:p-2", b"C3/3.0")
        assert cards.refs("plan:p-1") == [b"C1/1.0", b"C2/2.0"]
        assert cards.refs("plan:p-9") == []

    def test_a_firing_is_claimed_once(self, database, keys, ticking):
        """Two runners, one report."""
        runs = ScheduleRunStore(database, keys, ticking)
        due = ticking()
        with ThreadPoolExecutor(8) as pool:
            won = list(pool.map(lambda _: runs.claim("morning report", due), range(8)))
        assert won.count(True) == 1
        assert runs.claim("morning report", due + timedelta(days=1))
        assert runs.claim("other", due)
        runs.finish("morning report", due, "done")
        assert runs.state("morning report", due) == "done"
        assert runs.last_due("morning report") == due + timedelta(days=1)
        assert runs.last_due("none") is None
        assert runs.state("none", due) is None

    def test_a_report_is_never_replaced(self, database, keys, ticking):
        """What was reported stays reported."""
        reports = ReportStore(database, keys, ticking)
        assert reports.put("r-1", kind="morning", body=b"first")
        assert not reports.put("r-1", kind="morning", body=b"second")
        assert reports.put("r-2", kind="morning", body=b"next")
        assert reports.get("r-1").body == b"first"
        assert reports.get("r-9") is None
        assert [report.id for report in reports.newest("morning")] == ["r-2", "r-1"]

    def test_a_setting_changes_and_falls_back(self, database, keys, ticking):
        """Changed values stand with who changed them, until they are removed."""
        settings = SettingsStore(database, keys, ticking)
        settings.set("sync.every", "30m", changed_by="local:ada")
        settings.set("sync.every", "15m", changed_by="local:bob")
        settings.set("privacy.tag_keys", ["env"], changed_by="local:ada")
        assert settings.get("sync.every").value == "15m"
        assert settings.get("sync.every").changed_by == "local:bob"
        settings.remove("sync.every", changed_by="local:ada")
        assert list(settings.all()) == ["privacy.tag_keys"]
        settings.set("sync.every", "5m", changed_by="local:ada")
        assert settings.get("sync.every").value == "5m"
