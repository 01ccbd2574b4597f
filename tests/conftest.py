"""What holds for every test: how many were skipped is said, and where everything must run, a skip is a failure.

Property tests try the same examples at every run and are never timed, so that a change is what turns a run red;
`make trust` goes looking for new examples with `--hypothesis-profile=seeking`.
"""

import pytest
from hypothesis import settings

settings.register_profile("steady", deadline=None, derandomize=True, database=None)
settings.register_profile("seeking", deadline=None, database=None)
settings.load_profile("steady")

_REQUIRE_ALL = "--require-all"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--require-all`."""
    parser.addoption(_REQUIRE_ALL, action="store_true", default=False, help="fail when any test is skipped")


def pytest_configure(config: pytest.Config) -> None:
    """Count skips where reports of all workers arrive."""
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(Skips(required=bool(config.getoption(_REQUIRE_ALL))), "skips")


class Skips:
    """Counts what was skipped, with its reasons.

    Args:
        required: Whether a skip fails the run.
    """

    def __init__(self, *, required: bool) -> None:
        self._required = required
        self._reasons: dict[str, str] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note a skipped test; an expected failure is none."""
        if report.skipped and not hasattr(report, "wasxfail"):
            self._reasons[report.nodeid] = _reason(report.longrepr)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Note a file that was skipped whole."""
        if report.skipped:
            self._reasons[report.nodeid] = _reason(report.longrepr)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say how many were skipped and why."""
        terminalreporter.write_line(f"{len(self._reasons)} skipped")
        for reason in sorted(set(self._reasons.values())):
            count = sum(each == reason for each in self._reasons.values())
            terminalreporter.write_line(f"  {count} because {reason}")

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Turn a run with skips into a failed one where everything must run."""
        if self._required and self._reasons and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED


def _reason(told: object) -> str:
    text = str(told[2]) if isinstance(told, tuple) else str(told)
    return text.removeprefix("Skipped: ")
