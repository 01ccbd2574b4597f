"""Settings changed without the file: checked as at a start, kept with who and when, and only where that is safe."""

import json
import subprocess
import sys

import pytest
from sqlalchemy import text

from bot import people
from bot.settable import SETTABLE, place
from bot.settings import SettingsError, environment, load
from bot.settings_defaults import PREFIX
from bot.settings_desk import SettingsDesk, masked
from bot.terminal import operating
from engine.approval.policy import parse
from engine.audit.log import AuditLog
from engine.clock import system_clock
from engine.principal import Principal
from engine.refusal import Refusal
from engine.storage.database import Database
from engine.storage.master import FileKey
from engine.storage.record import open_record

ADA, EVE = Principal(id="local:ada"), Principal(id="local:eve")
ROLES = {"platform": {"members": ["local:ada"]}, "viewers": {"members": ["local:ada", "local:eve"]}}
REPORT = '[[report]]\nchannel = "web"\nat = "02:00"\n'


@pytest.fixture(autouse=True)
def bare(monkeypatch, tmp_path):
    """No setting comes from the machine the tests run on."""
    for name in [one for one in environment() if one.upper().startswith(PREFIX)]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def desk(tmp_path):
    """Open a desk over a record of its own; the file and the policy are given."""
    master = FileKey(path=tmp_path / "keys" / "master", data_dir=tmp_path / "data")
    master.create()
    opened = []

    def opening(file: str = "", **policy: object) -> SettingsDesk:
        path = tmp_path / "escher.toml"
        path.write_text(file, encoding="utf-8")
        record = open_record(Database.in_directory(tmp_path / "data"), master, system_clock)
        opened.append(record)
        audit = AuditLog(record.database, record.keys, system_clock)
        rules = parse({"version": 1, "roles": ROLES, **policy}, source="policy")
        made = SettingsDesk(load(path), record=record, audit=audit, policy=lambda: rules)
        made.begin()
        return made

    yield opening
    for record in opened:
        record.close()


def set_to(desk, key, value, who=ADA):
    """Set a setting as `escher settings set` does."""
    return operating.change(desk, who, {"key": key, "value": value})["shape"]


def test_a_change_stands_above_the_file_and_is_there_after_a_restart(desk):
    """With who made it and when; the file is as it was."""
    first = desk('[sync]\nevery = "2h"\n')
    told = set_to(first, "sync.every", "30m")
    assert (told["old"], told["new"], told["applies"]) == ("2h", "30m", "at once")
    assert first.loaded.settings.sync.every == "30m"
    again = desk('[sync]\nevery = "2h"\n')
    assert again.loaded.settings.sync.every == "30m"
    row = operating.shown_of(again.loaded, again.kept())["shape"]["settings"]["sync.every"]
    assert (row["source"], row["by"]) == ("database", "local:ada")
    assert row["at"].startswith(f"{system_clock():%Y-%m-%d}")


def test_a_change_taken_back_leaves_what_the_file_says(desk):
    """And one that was never made is said to be none."""
    opened = desk('[sync]\nevery = "2h"\n')
    set_to(opened, "sync.every", "30m")
    told = operating.change(opened, ADA, {"key": "sync.every"})["shape"]
    assert (told["old"], told["new"]) == ("30m", "2h")
    assert desk('[sync]\nevery = "2h"\n').loaded.settings.sync.every == "2h"
    assert operating.change(opened, ADA, {"key": "sync.every"})["shape"]["code"] == "settings.not_set"


def test_every_change_is_in_the_audit_trail(desk):
    """Who, which key, from what to what; a refused one is no change."""
    opened = desk()
    set_to(opened, "sync.every", "30m")
    set_to(opened, "sync.every", "often")
    set_to(opened, "keys.master", "env:MINE")
    (event,) = list(opened._audit.events())
    assert event.event.tag == "principal:settings:changed"
    assert event.event.principal == "local:ada"
    assert event.event.detail == {"key": "sync.every", "old": "1h", "new": "30m"}


@pytest.mark.parametrize(
    ("key", "value", "told"),
    [
        ("sync.every", "often", 'write a duration such as "30m"'),
        ("sync.evry", "30m", "sync.evry is not a setting"),
        ("colour", "red", "colour is not a setting"),
        ("sync.every.more", "1", "holds one value"),
        ("web.port", "many", "a whole number"),
        ("web.port", "70000", "65535"),
        ("report.0.at", "2am", '"02:00"'),
        ("report.0.timezone", "Mars/One", "Europe/Berlin"),
        ("report.7.at", "03:00", "there is no report.7"),
        ("report.0.colour", "red", "report.0.colour is not a setting"),
        ("report", '[{"channel": "irc:x"}]', "slack:<channel>"),
        ("budgets.monthly", "5", "no [[budgets]] yet"),
        ("budgets", '[{"monthly": -1}]', "write more than 0"),
        ("backup.keep", "0", "write at least 1"),
    ],
)
def test_a_mistake_is_told_as_at_a_start_and_changes_nothing(desk, key, value, told):
    """Unknown keys, wrong types and impossible combinations are refused by the same models as the file's."""
    opened = desk(REPORT)
    shape = set_to(opened, key, value)
    assert shape["code"] == "settings.wrong"
    assert told in shape["message"]
    assert not opened.kept()


@pytest.mark.parametrize(
    "key",
    [
        "keys.master",
        "data.dir",
        "data.database_url",
        "agent.url",
        "privacy.tag_keys",
        "agent.token",
        "slack.bot_token",
        "slack.base_url",
        "slack.mode",
        "teams.tenants",
        "teams.app_password",
        "local.personas",
        "policy.file",
        "allow_custom_endpoints",
        "aws.accounts",
        "aws.accounts.0.endpoint_url",
        "agent_server.model",
        "backup.target",
    ],
)
def test_what_could_lock_out_or_open_up_stands_in_the_file_alone(desk, key):
    """The refusal names the file and the variable."""
    opened = desk()
    shape = set_to(opened, key, "x")
    assert shape["code"] == "settings.file_only"
    assert "escher.toml" in shape["message"]
    assert f"{PREFIX}{key.upper().replace('.', '__')}" in shape["message"]
    assert not opened.kept()


def test_a_key_put_into_the_database_by_another_way_is_not_obeyed(desk):
    """Only the closed list is laid over the file, whatever the table holds."""
    opened = desk()
    opened._record.settings.set("agent.url", "https://elsewhere.example", changed_by="local:eve")
    assert desk().loaded.settings.agent.url == "http://127.0.0.1:8790"


def test_a_report_to_a_file_is_not_set_from_outside_the_file(desk):
    """A chat may not choose where this machine writes; one that the file names may keep its place and change its time."""
    opened = desk('[[report]]\nchannel = "file:/srv/report.txt"\n')
    assert set_to(opened, "report.channel", "file:/home/ada/.bashrc")["code"] == "settings.file_only"
    assert set_to(opened, "report.at", "07:00")["ok"]


class TestWhoMay:
    def test_nobody_without_a_role_changes_a_setting(self, desk):
        """Neither a stranger nor the user who runs the runner, until the policy says so."""
        opened = desk()
        for who in (Principal(id="slack:T0ACME:U0MALLORY"), Principal(id="local:root")):
            shape = set_to(opened, "sync.every", "30m", who)
            assert shape["code"] == "settings.role"
            assert who.id in shape["message"]
        assert not opened.kept()

    def test_the_policy_may_name_the_roles_that_do(self, desk):
        """Then any other role is not enough."""
        opened = desk(settings={"editors": ["platform"]})
        assert set_to(opened, "sync.every", "30m", EVE)["code"] == "settings.role"
        assert set_to(opened, "sync.every", "30m", ADA)["ok"]

    def test_without_such_a_line_any_role_will_do(self, desk):
        """As for asking."""
        assert set_to(desk(), "sync.every", "30m", EVE)["ok"]


class TestEntriesOfLists:
    def test_the_only_entry_needs_no_number(self, desk):
        """`report.at` with one report."""
        opened = desk(REPORT)
        told = set_to(opened, "report.at", "07:30")
        assert (told["key"], told["old"], told["new"]) == ("report.at", "02:00", "07:30")
        assert [(one.channel, one.at) for one in opened.loaded.settings.report] == [("web", "07:30")]

    def test_one_of_several_is_named_by_its_number(self, desk):
        """Without it the answer lists the keys one can mean."""
        opened = desk(REPORT + '[[report]]\nchannel = "slack:C1"\n')
        assert "report.0.at or report.1.at" in set_to(opened, "report.at", "07:30")["message"]
        assert set_to(opened, "report.1.at", "07:30")["ok"]
        assert [one.at for one in opened.loaded.settings.report] == ["02:00", "07:30"]


def test_a_variable_of_the_environment_stands_above_a_change(desk, monkeypatch):
    """It is kept and said to have no effect for now."""
    monkeypatch.setenv("ESCHER_SYNC__EVERY", "3h")
    opened = desk()
    told = operating.change(opened, ADA, {"key": "sync.every", "value": "30m"})
    assert told["shape"]["shadowed_by"] == "ESCHER_SYNC__EVERY"
    assert "stands above it" in told["text"]
    assert opened.loaded.settings.sync.every == "3h"
    monkeypatch.delenv("ESCHER_SYNC__EVERY")
    assert desk().loaded.settings.sync.every == "30m"


def test_two_who_change_at_once_do_not_overwrite_each_other_unseen(desk):
    """A change that was proposed over a value that has moved is refused."""
    opened = desk()
    proposed = opened.propose("sync.every", "30m")
    set_to(opened, "sync.every", "3h")
    refused = opened.make(proposed, ADA)
    assert isinstance(refused, Refusal)
    assert refused.code == "settings.moved"
    assert opened.loaded.settings.sync.every == "3h"


def test_what_takes_effect_at_once_is_applied_and_the_rest_waits(desk):
    """The runner is told of the first kind only."""
    opened = desk()
    applied = []
    opened.apply = applied.append
    assert set_to(opened, "sync.every", "30m")["applies"] == "at once"
    assert set_to(opened, "web.port", "9000")["applies"] == "at the next start"
    assert applied == ["sync.every"]


def test_a_change_that_no_longer_fits_the_file_says_how_to_take_it_back(desk, monkeypatch):
    """A start with it names the change; taking it back works all the same."""
    opened = desk()
    set_to(opened, "sync.every", "30m")
    monkeypatch.setattr("bot.settings_combinations.check", _refusing)
    with pytest.raises(SettingsError, match=r"sync\.every.*escher settings unset KEY"):
        desk()
    monkeypatch.undo()
    assert operating.change(opened, ADA, {"key": "sync.every"})["shape"]["ok"]


def _refusing(settings):
    if settings.sync.every == "30m":
        raise SettingsError("sync.every: too often for this version")


def test_every_settable_key_is_a_setting():
    """A typing mistake in the list would refuse that key for ever."""
    for root in SETTABLE:
        assert place(root).root == root


def test_secrets_are_not_shown():
    """Neither a key nor a password inside an address; a reference is."""
    assert masked("slack.bot_token", "xoxb-1") == "(set)"
    assert masked("agent_server.api_key", "sk-1") == "(set)"
    assert masked("agent_server.registry_qdrant_key", "q-1") == "(set)"
    assert masked("slack.bot_token", "keyring:slack") == "keyring:slack"
    assert "hunter2" not in masked("data.database_url", "postgresql+psycopg://escher:hunter2@db/escher")


class TestCommandsAlone:
    def test_a_setting_is_set_shown_and_taken_back_without_a_runner(self, tmp_path):
        """Nothing listens; the record is opened for the moment, and readable in it is nothing."""
        config = _house(tmp_path, member=people.own().id)
        done = _escher(config, "settings", "set", "sync.every", "37m")
        assert (done.returncode, done.stderr) == (0, "")
        assert "takes effect at the next start" in done.stdout
        row = json.loads(_escher(config, "settings", "show", "--json").stdout)["settings"]["sync.every"]
        assert (row["value"], row["source"], row["by"]) == ("37m", "database", people.own().id)
        assert b"37m" not in b"".join(one.read_bytes() for one in (tmp_path / "data").rglob("*") if one.is_file())
        assert _escher(config, "settings", "unset", "sync.every").returncode == 0
        row = json.loads(_escher(config, "settings", "show", "--json").stdout)["settings"]["sync.every"]
        assert (row["value"], row["source"]) == ("1h", "default")
        database = Database.in_directory(tmp_path / "data")
        with database.read() as connection:
            assert connection.execute(text("SELECT count(*) FROM audit")).scalar() == 2
        database.close()

    def test_exit_codes_tell_a_no_from_a_mistake(self, tmp_path):
        """1 for what may not be, 2 for what cannot be; one sentence on standard error."""
        config = _house(tmp_path, member="local:somebody-else")
        for code, *arguments in (
            (1, "set", "sync.every", "30m"),
            (2, "set", "sync.every"),
        ):
            done = _escher(config, "settings", *arguments)
            assert done.returncode == code, done.stderr
        config = _house(tmp_path, member=people.own().id)
        assert _escher(config, "settings", "set", "sync.every", "often").returncode == 2
        refused = _escher(config, "settings", "set", "keys.master", "env:MINE")
        assert refused.returncode == 1
        assert refused.stderr.startswith("escher: keys.master stands in ")

    def test_before_the_first_start_the_file_is_shown_and_nothing_is_made(self, tmp_path):
        """Looking leaves no data directory behind."""
        config = _house(tmp_path, member=people.own().id)
        assert _escher(config, "settings", "show").returncode == 0
        assert not (tmp_path / "data").exists()


def _house(home, *, member):
    FileKey(path=home / "keys" / "master", data_dir=home / "data").create()
    config = home / "escher.toml"
    config.write_text(
        f'[data]\ndir = "{home / "data"}"\n[keys]\nmaster = "file:{home / "keys" / "master"}"\n', encoding="utf-8"
    )
    policy = f'version = 1\n[roles.platform]\nmembers = ["{member}"]\n'
    (home / "policy.toml").write_text(policy, encoding="utf-8")
    return config


def _escher(config, *arguments):
    return subprocess.run(
        [sys.executable, "-m", "bot.cli", *arguments, "--config", str(config)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
