"""What Escher promises, and the tests that show it: `python -m tests.trust [P7 P15 …]` runs them and prints a count for each.

A promise without a test here is named as such: it is an intention, not yet shown. A figure that a test records with
`record_property` is printed under its promise.
"""

import argparse
import os
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """One promise.

    Attributes:
        id: `P1` and so on.
        words: What is promised.
        shown_by: Test files below `tests/`, or one test of a file as `file::name`.
    """

    id: str
    words: str
    shown_by: tuple[str, ...] = ()


PROMISES = (
    Promise(
        id="P1",
        words="after a kill nothing happens twice that can be kept from it; `once` is never repeated",
        shown_by=("crash/test_runner_kills.py", "unit/test_execution_recovery.py"),
    ),
    Promise(
        id="P2",
        words="what was approved is what runs, byte for byte",
        shown_by=("golden/test_digest.py",),
    ),
    Promise(
        id="P3",
        words="a hostile planner achieves nothing, and nearly every good plan is admitted",
        shown_by=("property/test_admission.py", "unit/test_following.py"),
    ),
    Promise(
        id="P4",
        words="no change without a live approval: the local clouds refuse what names no plan",
        shown_by=("unit/test_sandbox_gate.py", "flow/test_stories.py"),
    ),
    Promise(
        id="P5",
        words="the agent server receives no secret and no identity",
        shown_by=("contract/test_nothing_leaves.py", "unit/test_redaction.py"),
    ),
    Promise(id="P6", words="the agent server stores nothing", shown_by=("contract/test_agent_server_process.py",)),
    Promise(
        id="P7",
        words="one click, one run",
        shown_by=(
            "flow/test_stories.py::test_fifty_presses_in_the_same_instant_run_it_once",
            "crash/test_runner_restarts.py::test_two_terminals_approve_at_the_same_instant_and_it_runs_once",
            "contract/test_slack_delivery.py::test_what_is_sent_twice_is_heard_once",
        ),
    ),
    Promise(
        id="P8",
        words="stale plans never run",
        shown_by=(
            "unit/test_execution_drift.py",
            "flow/test_stories.py::test_a_change_between_card_and_press_voids_the_plan_and_shows_a_new_one",
        ),
    ),
    Promise(
        id="P9",
        words="only the right people decide",
        shown_by=(
            "contract/test_slack_identity.py",
            "contract/test_teams_identity.py",
            "contract/test_agent_server_auth.py",
            "contract/test_agent_server_cognito.py",
            "contract/test_web_forgeries.py",
        ),
    ),
    Promise(
        id="P10",
        words="four eyes and quorum hold",
        shown_by=(
            "property/test_approval.py",
            "flow/test_stories.py::test_two_people_must_agree_to_open_a_bucket",
            "flow/test_stories.py::test_prod_wants_another_person_and_says_so_privately",
        ),
    ),
    Promise(
        id="P11",
        words="an expired approval stays expired, also when the clock goes back",
        shown_by=(
            "unit/test_clock.py",
            "property/test_approval.py::test_what_has_expired_stays_expired_when_the_clock_is_set_back",
            "crash/test_runner_restarts.py::test_what_has_expired_stays_expired_when_the_clock_goes_back",
            "flow/test_edges.py::test_an_expired_plan_is_refused_and_can_be_planned_again",
        ),
    ),
    Promise(
        id="P12",
        words="after a kill every plan goes on or is said to be uncertain, in its thread",
        shown_by=("crash/test_runner_kills.py", "crash/test_runner_restarts.py"),
    ),
    Promise(
        id="P13",
        words="uncertain is said, never guessed",
        shown_by=(
            "flow/test_stories.py::test_a_lost_answer_is_said_to_be_uncertain_and_not_repeated",
            "unit/test_execution_attempt.py",
        ),
    ),
    Promise(
        id="P14",
        words="no secret in chat, logs, audit or on disk",
        shown_by=(
            "unit/test_logs_have_no_words.py",
            "unit/test_redaction.py::test_identities_and_credentials_are_taken_out_however_they_stand_in_a_sentence",
        ),
    ),
    Promise(
        id="P15",
        words="the audit trail shows tampering",
        shown_by=("property/test_audit_tampering.py", "unit/test_audit_trail.py"),
    ),
    Promise(
        id="P16",
        words="journal, audit and the clouds' own log agree",
        shown_by=(
            "flow/test_stories.py::test_everything_is_in_the_record_and_the_chain_holds",
            "crash/test_runner_kills.py",
        ),
    ),
    Promise(
        id="P17",
        words="nothing readable on disk",
        shown_by=(
            "unit/test_nothing_readable.py",
            "property/test_envelope.py",
            "flow/test_edges.py::test_the_data_directory_shows_nothing_while_the_runner_is_alive",
        ),
    ),
    Promise(
        id="P18",
        words="keys change under load, and a crash at any point loses no record",
        shown_by=("unit/test_key_rotation.py", "crash/test_key_rotation_killed.py"),
    ),
    Promise(id="P19", words="a plan's credentials can do nothing else"),
    Promise(
        id="P20",
        words="what arrives is acknowledged at once and kept, also in a storm of retries",
        shown_by=(
            "contract/test_slack_delivery.py::test_the_acknowledgement_waits_for_no_call_to_slack",
            "contract/test_slack_delivery.py::test_a_storm_of_retries_loses_nothing_and_repeats_nothing",
        ),
    ),
    Promise(
        id="P21",
        words="a connection that is cut loses no press",
        shown_by=(
            "contract/test_slack_delivery.py::test_a_killed_connection_comes_back_and_nothing_is_lost",
            "contract/test_slack_delivery.py::test_one_killed_connection_loses_no_press",
        ),
    ),
    Promise(
        id="P22",
        words="plans finish or fail cleanly under throttling",
        shown_by=("flow/test_stories.py::test_throttling_is_waited_out",),
    ),
    Promise(
        id="P23",
        words="a cancelled plan begins no new step",
        shown_by=(
            "crash/test_runner_restarts.py::test_after_cancel_nothing_more_begins",
            "crash/test_runner_restarts.py::test_a_cancelled_plan_stays_cancelled_after_a_kill",
        ),
    ),
    Promise(id="P24", words="time limits are hard"),
    Promise(id="P25", words="order and parallelism hold", shown_by=("unit/test_execution_strategy.py",)),
    Promise(
        id="P26",
        words="no cloud call when the intent cannot be made durable",
        shown_by=(
            "crash/test_storage_disk_full.py",
            "crash/test_runner_restarts.py::test_a_full_disk_stops_the_work_and_room_lets_it_go_on",
        ),
    ),
    Promise(
        id="P27",
        words="one morning report a day",
        shown_by=(
            "unit/test_daily.py",
            "flow/test_edges.py::test_the_morning_report_comes_once_at_its_time_and_after_a_night_off",
        ),
    ),
    Promise(id="P28", words="remediation without asking is bounded"),
    Promise(id="P29", words="two runners never run a plan twice"),
    Promise(
        id="P30",
        words="poisoned names and texts come alive nowhere",
        shown_by=(
            "property/test_blocks.py",
            "property/test_poisoned_estate.py",
            "flow/test_stories.py::test_a_hostile_name_changes_nothing_and_pings_nobody",
        ),
    ),
    Promise(id="P31", words="every operation declares what recovery relies on", shown_by=("contract/test_catalog.py",)),
)
FULL = {
    "ESCHER_KILLS": "1000",
    "ESCHER_PLAN_MUTATIONS": "10000",
    "ESCHER_HOSTILE_PLANS": "1000",
    "ESCHER_TRANSITIONS": "100000",
    "ESCHER_TAMPERING": "1800",
}
"""How often the promises say that something is tried; without `--full` the tests' own, smaller counts hold."""


@dataclass(slots=True)
class Tally:
    """Collects outcomes by test, on the process that sees the reports of all."""

    outcomes: dict[str, Counter[str]] = field(default_factory=dict)
    figures: dict[str, dict[str, object]] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Count one phase of one test; set-up counts only when it went wrong."""
        name = report.nodeid.partition("[")[0].removeprefix("tests/")
        self.seconds[name] = self.seconds.get(name, 0.0) + report.duration
        if report.when == "call" or not report.passed:
            self.outcomes.setdefault(name, Counter())[report.outcome] += 1
            self.figures.setdefault(name, {}).update(report.user_properties)

    def of(self, shown_by: Iterable[str]) -> Iterator[str]:
        """Yield the names of the tests that show something."""
        wanted = tuple(shown_by)
        return (name for name in self.outcomes if name in wanted or name.partition("::")[0] in wanted)


def there(place: str) -> bool:
    """Say whether a test is in the tree."""
    file, _, name = place.partition("::")
    path = ROOT / "tests" / file
    return path.exists() and (not name or f"def {name}(" in path.read_text(encoding="utf-8"))


def line(promise: Promise, tally: Tally) -> str:
    """Return what is known of a promise."""
    names = sorted(tally.of(promise.shown_by))
    lost = "".join(f"\n       not in the tree: {place}" for place in promise.shown_by if not there(place))
    if not names:
        return f"{promise.id:4} {promise.words}: no test here shows it yet{lost}"
    counts = sum((tally.outcomes[name] for name in names), Counter[str]())
    told = ", ".join(f"{counts[each]} {each}" for each in ("passed", "failed", "skipped") if counts[each])
    seconds = sum(tally.seconds[name] for name in names)
    figures = [f"\n       {key}: {value}" for name in names for key, value in tally.figures[name].items()]
    return f"{promise.id:4} {promise.words}: {told} in {seconds:.1f} s{lost}{''.join(figures)}"


def main(arguments: Sequence[str]) -> int:
    """Run the tests of the promises and print the counts; return 0 when none failed, none was skipped and none is gone."""
    parser = argparse.ArgumentParser(prog="python -m tests.trust", description="What is promised, and what shows it.")
    parser.add_argument("promise", nargs="*", help="P7, P15 …; all when not said")
    parser.add_argument("--full", action="store_true", help="every count that the promises name")
    asked = parser.parse_args(arguments)
    if asked.full:
        os.environ.update(FULL)  # noqa: TID251 - read by the tests of the processes that pytest starts
    wanted = {each.upper() for each in asked.promise}
    if unknown := sorted(wanted - {promise.id for promise in PROMISES}):
        parser.error(f"there is no promise {unknown[0]}")
    chosen = [promise for promise in PROMISES if not wanted or promise.id in wanted]
    places = [f"tests/{place}" for promise in chosen for place in promise.shown_by if there(place)]
    tally = Tally()
    code = (
        pytest.main(["-q", "-n", "2", "--dist", "loadgroup", "--hypothesis-profile=seeking", *places], plugins=[tally])
        if places
        else 0
    )
    sys.stdout.writelines(f"{line(promise, tally)}\n" for promise in chosen)
    shown = sum(any(tally.of(promise.shown_by)) for promise in chosen)
    sys.stdout.write(f"{shown} of {len(chosen)} promises have tests here\n")
    skipped = any(counts["skipped"] for counts in tally.outcomes.values())
    gone = not all(there(place) for promise in chosen for place in promise.shown_by)
    return int(code != 0 or skipped or gone)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
