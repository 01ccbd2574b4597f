"""Settings: one file, the environment above it, and a mistake is named with what to write."""

import json

import pytest

from bot.accounts import accounts
from bot.durations import seconds
from bot.loopback import on_loopback
from bot.settings import Loaded, SettingsError, load
from bot.settings_desk import settings_rows
from engine.clock import system_clock

ACCOUNT = '[[aws.accounts]]\nname = "dev"\naccount_id = "111122223333"\n'


@pytest.fixture(autouse=True)
def bare(monkeypatch, tmp_path):
    """No setting comes from the machine the tests run on."""
    from bot.settings import environment  # noqa: PLC0415 - used by this fixture alone

    for name in [one for one in environment() if one.upper().startswith("ESCHER_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def read(tmp_path):
    """Read settings from the text of a file."""

    def reading(text: str, **overrides: object) -> Loaded:
        path = tmp_path / "escher.toml"
        path.write_text(text, encoding="utf-8")
        return load(path, overrides=overrides or None)

    return reading


@pytest.mark.parametrize(
    ("text", "place", "advice"),
    [
        ("colour = 1", "colour", "is not a setting"),
        ('[slack]\nbot_tokn = "env:X"', "slack.bot_tokn", "is not a setting"),
        ("[slack]\nport = 70000", "slack.port", "65535"),
        ('[slack]\nport = "many"', "slack.port", "whole number"),
        ('[slack]\nmode = "carrier pigeon"', "slack.mode", "'socket' or 'http'"),
        ('[sync]\nevery = "often"', "sync.every", '"30m"'),
        ('[[report]]\nchannel = "irc:x"', "report.0.channel", "slack:<channel>"),
        ('[[report]]\nchannel = "web"\nat = "2am"', "report.0.at", '"02:00"'),
        ('[[report]]\nchannel = "web"\ntimezone = "Mars/One"', "report.0.timezone", "Europe/Berlin"),
        ("[[budgets]]\nmonthly = -1", "budgets.0.monthly", "write more than 0"),
        ('[[aws.accounts]]\nname = "dev"\naccount_id = "12"', "aws.accounts.0.account_id", "twelve digits"),
        (ACCOUNT + "regions = []", "aws.accounts.0.regions", "at least 1"),
        (ACCOUNT + 'credential = "AKIAIOSFODNN7EXAMPLE"', "aws.accounts.0.credential", "keyring:NAME"),
        ('[agent]\nurl = "https://agent.example"', "agent.auth", "oidc"),
        ('[agent]\nurl = "http://agent.example"\nauth = "static"', "agent.url", "https://"),
        ('[agent]\nurl = "https://agent.example"\nauth = "static"', "agent.token", "write agent.token"),
        ('[agent]\nurl = "https://agent.example"\nauth = "oidc"', "agent.issuer", "write agent.issuer"),
        (
            '[agent]\nurl = "https://a.example"\nauth = "oidc"\nissuer = "http://i.example"\nclient_id = "x"\nclient_secret = "env:S"',
            "agent.issuer",
            "https://",
        ),
        ('[slack]\nbase_url = "https://slack.evil.example/api/"', "slack.base_url", "allow_custom_endpoints"),
        (
            'allow_custom_endpoints = true\n[slack]\nbase_url = "http://slack.example/api/"',
            "slack.base_url",
            "https://",
        ),
        ('[web]\nenabled = "perhaps"', "web.enabled", "true or false"),
        ("[agent]\nissuer = 5", "agent.issuer", "a text in quotes"),
        ("[teams]\ntenants = 5", "teams.tenants", 'a list such as ["a", "b"]'),
        ('[[aws.accounts]]\naccount_id = "111111111111"', "aws.accounts.0.name", "missing; write it"),
        (ACCOUNT + ACCOUNT, "aws.accounts", "stands there twice"),
        ('[data]\ndatabase_url = "mysql://x"', "data.database_url", "postgresql+psycopg://"),
        ('[data]\nqdrant_url = "banana"', "data.qdrant_url", "http://HOST:6333"),
        (ACCOUNT + 'endpoint_url = "http://10.0.0.1:1"', "aws.accounts.dev", "allow_custom_endpoints"),
        ('[local]\npersonas = ["local:reviewer"]', "local.personas", "every cloud endpoint on loopback"),
        ('[local]\npersonas = ["local:reviewer"]\n' + ACCOUNT, "local.personas", "every cloud endpoint on loopback"),
        (
            '[local]\npersonas = ["local:reviewer"]\n'
            + ACCOUNT
            + 'endpoint_url = "http://127.0.0.1:1"\n[[gcp.projects]]\nname = "d"\nproject_id = "p"\n',
            "local.personas",
            "every cloud endpoint on loopback",
        ),
        ('[backup]\ntarget = "gs://bucket"', "backup.target", "a folder or s3://BUCKET/PREFIX"),
        ('[backup]\ntarget = "s3://"', "backup.target", "s3://BUCKET/PREFIX"),
        (
            '[backup]\ntarget = "kept"\n[data]\ndatabase_url = "postgresql+psycopg://db/escher"',
            "backup.target",
            "your database's own backup",
        ),
        ("[slack", "cannot be read", "escher.toml"),
    ],
)
def test_a_mistake_is_named_with_its_key_and_what_to_write(read, text, place, advice):
    """Unknown keys, wrong types and impossible combinations stop the start with one sentence."""
    with pytest.raises(SettingsError) as told:
        read(text)
    assert place in str(told.value)
    assert advice in str(told.value)
    assert "AKIA" not in str(told.value)


def test_a_file_that_is_named_must_exist(tmp_path):
    """A typing mistake in `--config` does not start with defaults."""
    with pytest.raises(SettingsError, match="there is no settings file"):
        load(tmp_path / "other.toml")


def test_without_a_file_the_defaults_hold(tmp_path, monkeypatch):
    """Nothing is connected and nothing listens until it is said."""
    monkeypatch.setenv("HOME", str(tmp_path))
    settings = load(None).settings
    assert not settings.slack.enabled
    assert not settings.teams.enabled
    assert not settings.web.enabled
    assert settings.aws.accounts == ()


def test_the_environment_stands_above_chat_and_chat_above_the_file(read, monkeypatch):
    """And each value's source is known."""
    text = '[web]\nport = 1\n[slack]\nport = 1\n[teams]\nport = 1\n[sync]\nevery = "2h"\n'
    monkeypatch.setenv("ESCHER_WEB__PORT", "3")
    monkeypatch.setenv("escher_slack__bot_token", "xoxb-1")
    loaded = read(text, **{"web.port": 2, "slack.port": 2})
    assert (loaded.settings.web.port, loaded.settings.slack.port, loaded.settings.teams.port) == (3, 2, 1)
    assert loaded.sources["web.port"] == "environment"
    assert loaded.sources["slack.bot_token"] == "environment"
    assert loaded.sources["slack.port"] == "database"
    assert loaded.sources["teams.port"] == "file"
    assert "web.enabled" not in loaded.sources


def test_arrays_come_from_the_environment_as_json(read, monkeypatch):
    """Lists and arrays of tables, too."""
    monkeypatch.setenv("ESCHER_REPORT", json.dumps([{"channel": "web", "at": "07:30", "timezone": "Europe/Berlin"}]))
    monkeypatch.setenv("ESCHER_TEAMS__TENANTS", '["a", "b"]')
    monkeypatch.setenv("ESCHER_AWS__ACCOUNTS", json.dumps([{"name": "dev", "account_id": "111122223333"}]))
    settings = read('[[report]]\nchannel = "slack:C1"\n').settings
    assert [(one.channel, one.at, one.timezone) for one in settings.report] == [("web", "07:30", "Europe/Berlin")]
    assert settings.teams.tenants == ("a", "b")
    assert settings.aws.accounts[0].name == "dev"


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("ESCHER_REPORT", "[{", "ESCHER_REPORT"),
        ("ESCHER_REPORT", '[{"channel": "irc"}]', "report.0.channel"),
        ("ESCHER_SLAK__BOT_TOKEN", "xoxb-1", "ESCHER_SLAK__BOT_TOKEN"),
        ("ESCHER_SLACK__BOT_TOKN", "xoxb-1", "slack.bot_tokn"),
        ("ESCHER_WEB__PORT", "many", "the environment variable ESCHER_WEB__PORT: web.port: write a whole number"),
        ("ESCHER_TEAMS__TENANTS", "a,b", "the environment variable ESCHER_TEAMS__TENANTS is not JSON"),
        ("ESCHER_AWS__ACCOUNTS", "dev", "the environment variable ESCHER_AWS__ACCOUNTS is not JSON"),
    ],
)
def test_a_mistake_in_the_environment_is_named_too(read, monkeypatch, name, value, told):
    """And the value, which may be a secret, is not repeated."""
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as error:
        read("")
    assert told in str(error.value)
    assert "xoxb-1" not in str(error.value)


class TestSecrets:
    def test_a_secret_is_read_from_where_it_is_named(self, read, monkeypatch, tmp_path):
        """From a variable or a file, without the line end."""
        (tmp_path / "token").write_text("from-file\n", encoding="utf-8")
        monkeypatch.setenv("MY_TOKEN", "from-env")
        loaded = read("")
        assert loaded.secret("slack.bot_token", "env:MY_TOKEN") == "from-env"
        assert loaded.secret("slack.bot_token", f"file:{tmp_path / 'token'}") == "from-file"

    @pytest.mark.parametrize("value", ["env:NOT_SET", "file:/nowhere/token"])
    def test_a_secret_that_is_not_there_is_said_with_its_setting(self, read, value):
        """Which setting, and which variable or file."""
        with pytest.raises(SettingsError, match=r"slack\.bot_token names"):
            read("").secret("slack.bot_token", value)

    def test_a_plain_secret_in_the_file_is_refused(self, read):
        """Unless the endpoint is on this machine; the sentence names the variable and not the secret."""
        loaded = read('[slack]\nbot_token = "xoxb-plain"\n')
        with pytest.raises(SettingsError) as told:
            loaded.secret("slack.bot_token", "xoxb-plain", endpoint="https://slack.com/api/")
        assert "ESCHER_SLACK__BOT_TOKEN" in str(told.value)
        assert "xoxb-plain" not in str(told.value)
        assert loaded.secret("slack.bot_token", "xoxb-plain", endpoint="http://127.0.0.1:9/") == "xoxb-plain"

    def test_a_plain_secret_in_the_environment_is_taken(self, read, monkeypatch):
        """The environment is not a file that gets committed."""
        monkeypatch.setenv("ESCHER_SLACK__BOT_TOKEN", "xoxb-plain")
        loaded = read("")
        assert (
            loaded.secret("slack.bot_token", loaded.settings.slack.bot_token, endpoint="https://slack.com/api/")
            == "xoxb-plain"
        )

    def test_a_plain_secret_from_chat_is_refused(self, read):
        """A setting changed from chat holds no secret in plain words either."""
        loaded = read("", **{"slack.bot_token": "xoxb-plain"})
        with pytest.raises(SettingsError):
            loaded.secret("slack.bot_token", "xoxb-plain", endpoint="https://slack.com/api/")


@pytest.mark.parametrize(
    ("url", "local"),
    [
        ("http://127.0.0.1:8790", True),
        ("http://127.8.9.1", True),
        ("http://localhost:1", True),
        ("http://[::1]:1", True),
        ("http://127.0.0.1.evil.example", False),
        ("http://localhost.evil.example", False),
        ("http://127.0.0.1@evil.example", False),
        ("http://evil.example/127.0.0.1", False),
        ("http://0.0.0.0:1", False),
        ("http://10.0.0.1", False),
        ("http://2130706433", False),
        ("http://[::ffff:10.0.0.1]", False),
        ("http://[bad", False),
        ("127.0.0.1:8790", False),
        ("", False),
    ],
)
def test_only_this_machine_is_loopback(url, local):
    """No spelling of another machine passes for this one."""
    assert on_loopback(url) is local


def test_personas_are_for_clouds_on_loopback_alone(read):
    """A second person on this machine exists only where nothing real can be changed."""
    local = '[local]\npersonas = ["local:reviewer"]\n' + ACCOUNT + 'endpoint_url = "http://127.0.0.1:1"\n'
    assert read(local).settings.local.personas == ("local:reviewer",)


def test_a_login_without_a_client_secret_is_one_that_a_person_makes(read):
    """Issuer and client are enough; `escher login` does the rest."""
    text = '[agent]\nurl = "https://a.example"\nauth = "oidc"\nissuer = "https://i.example"\nclient_id = "x"\n'
    assert read(text).settings.agent.client_secret == ""


def test_another_endpoint_is_allowed_when_it_is_said(read):
    """One key opens custom endpoints, and it is written down."""
    text = "allow_custom_endpoints = true\n" + ACCOUNT + 'endpoint_url = "https://vpce.example"\n'
    assert read(text).settings.aws.accounts[0].endpoint_url == "https://vpce.example"


def test_durations_are_exact():
    """Seconds, minutes, hours, days; nothing else."""
    assert [seconds(one) for one in ("5s", "30m", "1h", "2d")] == [5, 1800, 3600, 172800]
    for bad in ("", "1", "h", "1 week", "-1h", "1h30m", "1h\nx"):
        with pytest.raises(ValueError, match="write a duration"):
            seconds(bad)


def test_every_key_of_the_printed_settings_is_one(read):
    """A file with every key at its default, and accounts whose ids are still to be written, can be read and shown."""
    settings = read(
        '[[azure.subscriptions]]\nname = "corp"\nsubscription_id = ""\n[[gcp.projects]]\nname = "data"\nproject_id = ""\n'
    ).settings
    assert (settings.azure.subscriptions[0].name, settings.gcp.projects[0].name) == ("corp", "data")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            '[[azure.subscriptions]]\nname = "corp"\nsubscription_id = ""\n',
            "azure.subscriptions.corp: subscription_id is empty",
        ),
        ('[[gcp.projects]]\nname = "data"\nproject_id = " "\n', "gcp.projects.data: project_id is empty"),
    ],
)
def test_no_runner_starts_with_an_account_without_its_id(read, text, told):
    """The sentence names the key and what to do."""
    with pytest.raises(SettingsError, match=f"{told}; write it"):
        accounts(read(text), system_clock)


def test_each_value_is_shown_with_its_source(read, monkeypatch):
    """Also those that nobody set: environment, database, file or default."""
    monkeypatch.setenv("ESCHER_WEB__PORT", "3")
    rows = settings_rows(read('[sync]\nevery = "2h"\n'), {})
    assert (rows["web.port"]["value"], rows["web.port"]["source"]) == (3, "environment")
    assert (rows["sync.every"]["value"], rows["sync.every"]["source"]) == ("2h", "file")
    assert (rows["backup.keep"]["value"], rows["backup.keep"]["source"]) == (48, "default")
    assert (rows["aws.accounts"]["value"], rows["aws.accounts"]["source"]) == ([], "default")


def test_slack_elsewhere_is_allowed_when_it_is_said(read):
    """The one key for endpoints that are not on loopback opens this one too, over https only."""
    text = 'allow_custom_endpoints = true\n[slack]\nbase_url = "https://slack.example/api/"\n'
    assert read(text).settings.slack.base_url == "https://slack.example/api/"


def test_a_value_that_was_set_without_the_file_is_not_blamed_on_the_file(read):
    """Whoever types `escher settings set web.port 70000` hears of the value alone."""
    with pytest.raises(SettingsError) as told:
        read("[web]\nport = 1\n", **{"web.port": 70000})
    assert str(told.value) == "web.port: write at most 65535"
