"""The runner's login, against a strict local issuer: by secret, by a person at another screen, and by what was kept."""

import asyncio
import json

import keyring
import pytest
from keyring.backend import KeyringBackend
from typer.testing import CliRunner

from bot.cli import app
from bot.commands.telling import CommandFailed
from bot.login import oidc_token
from bot.settings import environment, load
from bot.settings_defaults import PREFIX
from engine.planning import login as login_module
from engine.planning.login import Grant, Issuer, LoginEnded
from engine.planning.tokens import logged_in
from engine.planning.wire import PlannerUnavailable
from engine.storage import master
from tests.fakes.issuer import Issuer as LocalIssuer
from tests.fakes.issuer_logins import CONFIDENTIAL, PUBLIC, SECRET


class MemoryKeychain(KeyringBackend):
    """A keychain that lives as long as a test; the list of safe ones names it there only."""

    priority = 1

    def __init__(self):
        """Begin empty."""
        super().__init__()
        self.kept = {}

    def get_password(self, service, username):
        """Return what was kept."""
        return self.kept.get((service, username))

    def set_password(self, service, username, password):
        """Keep it."""
        self.kept[service, username] = password

    def delete_password(self, service, username):
        """Forget it."""
        del self.kept[service, username]


@pytest.fixture(autouse=True)
def bare(monkeypatch, tmp_path):
    """No setting comes from the machine the tests run on."""
    for name in [one for one in environment() if one.upper().startswith(PREFIX)]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def chain(monkeypatch):
    """A safe keychain for this test."""
    made = MemoryKeychain()
    monkeypatch.setattr(master, "_SAFE_KEYCHAINS", frozenset({(MemoryKeychain.__module__, MemoryKeychain.__name__)}))
    monkeypatch.setattr(keyring, "get_keyring", lambda: made)
    return made


@pytest.fixture
def issuer():
    """The strict local issuer."""
    with LocalIssuer() as running:
        yield running


def settings_of(tmp_path, issuer, *, secret="", client=PUBLIC, audience=""):
    """Write the settings of a runner that logs in."""
    path = tmp_path / "escher.toml"
    path.write_text(
        f'[agent]\nauth = "oidc"\nissuer = "{issuer.url}"\nclient_id = "{client}"\nclient_secret = "{secret}"\n'
        f'audience = "{audience}"\n',
        encoding="utf-8",
    )
    return path


def person(issuer, state="approved", *, after=0.0):
    """Return a sleep in which the fake's time passes and a person decides once enough of it has."""

    async def sleep(seconds):
        issuer.logins.now += seconds
        if issuer.logins.now >= after:
            for device in issuer.logins.devices.values():
                device.state = state if device.state == "pending" else device.state

    return sleep


async def test_a_client_secret_gives_a_token_for_a_tenant(issuer):
    """Form-encoded, with the secret in the header; the tenant is told without the token."""
    issuer.logins.audience = "escher"
    grant = await Issuer(url=issuer.url, client_id=CONFIDENTIAL, client_secret=SECRET, audience="escher").by_secret()
    assert (grant.tenant, grant.seconds, grant.refresh_token) == ("acme", 300.0, "")
    assert grant.access_token not in repr(grant)
    with pytest.raises(LoginEnded, match="does not know this client"):
        await Issuer(url=issuer.url, client_id=CONFIDENTIAL, client_secret="wrong", audience="escher").by_secret()


async def test_a_device_login_waits_for_the_person_at_the_pace_the_issuer_sets(issuer):
    """It is told what to open and type, polls no faster than asked, and gets what it takes to stay logged in."""
    told = []
    at = Issuer(url=issuer.url, client_id=PUBLIC)
    grant = await at.by_device(told.append, sleep=person(issuer, after=30))
    assert grant.refresh_token in issuer.logins.refresh
    assert told[0].address == "https://login.example/device"
    assert len(told[0].code) == 9
    assert issuer.asked.count("/token") == 6


@pytest.mark.parametrize("interval", [0, -5, "nan", "-inf"])
async def test_an_issuer_without_a_usable_pace_is_asked_at_most_once_a_second(issuer, interval, monkeypatch):
    """Whatever it says, the waiting ends."""
    waits = []
    device = issuer.logins._device
    monkeypatch.setattr(
        issuer.logins, "_device", lambda *given: (200, device(*given)[1] | {"interval": interval, "expires_in": "inf"})
    )

    async def sleep(seconds):
        waits.append(seconds)
        issuer.logins.now += seconds

    with pytest.raises(LoginEnded, match="before the code ran out"):
        await Issuer(url=issuer.url, client_id=PUBLIC).by_device(lambda _told: None, sleep=sleep)
    assert waits
    assert min(waits) >= 1.0


async def test_a_client_that_polls_too_fast_is_told_and_slows_down(issuer):
    """Each `slow_down` adds five seconds for good."""
    waits = []
    decide = person(issuer, after=60)

    async def hurried(seconds):
        waits.append(seconds)
        await decide(seconds if len(waits) > 2 else 1.0)

    await Issuer(url=issuer.url, client_id=PUBLIC).by_device(lambda _: None, sleep=hurried)
    assert waits[:4] == [5, 5, 10, 10]


@pytest.mark.parametrize(
    ("state", "told"), [("denied", "refused at the other screen"), ("pending", "before the code ran out")]
)
async def test_a_login_that_is_denied_or_left_alone_ends(issuer, state, told):
    """With a sentence of its own each."""
    with pytest.raises(LoginEnded, match=told):
        await Issuer(url=issuer.url, client_id=PUBLIC).by_device(lambda _: None, sleep=person(issuer, state))


async def test_what_was_kept_gives_tokens_and_follows_its_changes(issuer, chain, tmp_path):
    """The planner's source asks once, keeps the new refresh token, and is refused with what to do once it is over."""
    loaded = load(settings_of(tmp_path, issuer))
    source = oidc_token(loaded)
    with pytest.raises(LoginEnded, match="run escher login"):
        await source()
    issuer.logins.refresh["first"] = PUBLIC
    name = oidc_name(loaded)
    chain.set_password("escher", name, "first")
    token = await source()
    assert token == await source()
    assert issuer.asked.count("/token") == 1
    assert chain.kept["escher", name] in issuer.logins.refresh
    issuer.logins.refresh.clear()
    with pytest.raises(LoginEnded, match="the login is over; run escher login") as told:
        await oidc_token(loaded)()
    assert told.value.retry_after == 60


async def test_an_issuer_that_is_away_is_away_and_not_the_end_of_the_login(issuer, chain, tmp_path):
    """Nothing is forgotten; the reason is for the person who asked."""
    loaded = load(settings_of(tmp_path, issuer))
    chain.set_password("escher", oidc_name(loaded), "kept")
    issuer.down = True
    with pytest.raises(PlannerUnavailable) as told:
        await oidc_token(loaded)()
    assert not isinstance(told.value, LoginEnded)
    assert chain.kept["escher", oidc_name(loaded)] == "kept"


async def test_a_document_of_another_issuer_is_not_believed(issuer):
    """Discovery must be that of the issuer that was named (OpenID Connect Discovery 1.0, 4.3)."""
    with pytest.raises(PlannerUnavailable, match="is not that of the issuer"):
        await Issuer(url=f"{issuer.url.replace('127.0.0.1', 'localhost')}", client_id=PUBLIC).by_refresh("x")


class Kept:
    """A place in memory for a login."""

    def __init__(self):
        """Begin with one."""
        self.value = "first"

    def load(self):
        """Return it."""
        return self.value

    def save(self, refresh_token):
        """Keep it."""
        self.value = refresh_token


async def test_two_who_ask_at_once_use_one_refresh_token_once(issuer):
    """An issuer that replaces it at each use would end the login otherwise."""
    issuer.logins.refresh["first"] = PUBLIC
    source = logged_in(Issuer(url=issuer.url, client_id=PUBLIC), Kept())
    first, second = await asyncio.gather(source(), source())
    assert first == second
    assert issuer.asked.count("/token") == 1


class TestCommands:
    def test_login_with_a_secret_says_tenant_and_time_and_no_token(self, issuer, tmp_path, monkeypatch):
        """It proves that the settings work; nothing is kept."""
        monkeypatch.setenv("RUNNER_SECRET", SECRET)
        config = settings_of(tmp_path, issuer, secret="env:RUNNER_SECRET", client=CONFIDENTIAL)
        done = CliRunner().invoke(app, ["login", "--config", str(config), "--json"])
        assert done.exit_code == 0, done.output
        shape = json.loads(done.stdout)
        assert (shape["tenant"], shape["client_id"], shape["kept"]) == ("acme", CONFIDENTIAL, False)
        assert "eyJ" not in done.output
        assert SECRET not in done.output

    def test_login_by_device_is_kept_used_and_forgotten(self, issuer, chain, tmp_path, monkeypatch):
        """The code is shown, the refresh token goes to the keychain alone, and logout ends it here and at the issuer."""
        monkeypatch.setattr(login_module.Issuer.by_device, "__kwdefaults__", {"sleep": person(issuer, after=10)})
        config = settings_of(tmp_path, issuer)
        done = CliRunner().invoke(app, ["login", "--config", str(config)])
        assert done.exit_code == 0, done.output
        (device,) = issuer.logins.devices.values()
        assert f"open https://login.example/device and enter {device.user_code}" in done.stderr
        assert "tenant acme" in done.stdout
        (kept,) = chain.kept.values()
        assert kept in issuer.logins.refresh
        assert kept not in done.output
        assert asyncio.run(oidc_token(load(config))()).count(".") == 2
        gone = CliRunner().invoke(app, ["logout", "--config", str(config)])
        assert gone.stdout == "logged out\n"
        assert not chain.kept
        assert not issuer.logins.refresh
        assert CliRunner().invoke(app, ["logout", "--config", str(config)]).stdout == "nobody was logged in\n"

    def test_logout_forgets_also_when_the_issuer_is_away(self, issuer, chain, tmp_path):
        """What is here goes; that the issuer could not be told is said."""
        config = settings_of(tmp_path, issuer)
        chain.set_password("escher", oidc_name(load(config)), "kept")
        issuer.down = True
        done = CliRunner().invoke(app, ["logout", "--config", str(config)])
        assert done.exit_code == 0
        assert "could not be told" in done.stdout
        assert not chain.kept

    def test_without_a_safe_keychain_a_device_login_is_refused_with_what_to_set(self, issuer, tmp_path, monkeypatch):
        """No token is written to a file in plain words."""
        monkeypatch.setattr(login_module.Issuer.by_device, "__kwdefaults__", {"sleep": person(issuer)})
        monkeypatch.setattr(keyring, "get_keyring", MemoryKeychain)
        failed = CliRunner().invoke(app, ["login", "--config", str(settings_of(tmp_path, issuer))])
        assert isinstance(failed.exception, CommandFailed)
        assert "set [agent] client_secret instead" in str(failed.exception)

    def test_without_oidc_there_is_nothing_to_log_in_to(self, tmp_path):
        """And the sentence says what to set."""
        config = tmp_path / "escher.toml"
        config.write_text("", encoding="utf-8")
        failed = CliRunner().invoke(app, ["login", "--config", str(config)])
        assert isinstance(failed.exception, CommandFailed)
        assert failed.exception.code == 2
        assert 'set auth = "oidc"' in str(failed.exception)


def oidc_name(loaded):
    """Return the keychain's name of a login."""
    from bot.login import kept  # noqa: PLC0415 - only for its name

    return kept(loaded)._account


def test_a_token_that_cannot_be_looked_into_names_no_tenant():
    """An issuer may give opaque tokens."""
    assert Grant(access_token="opaque", seconds=1).tenant == ""
