"""Who may speak to the Teams endpoint: forged requests, each of which is refused and leaves no trace."""

import hmac
import json
import time
from collections.abc import AsyncIterator, Callable

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.utils import base64url_encode

from bot.settings import SettingsError
from bot.teams.options import METADATA_URL, TeamsOptions
from tests.fakes.bot_connector import APP, TENANT, BotConnector
from tests.fakes.teams_rig import Rig, connected, running

STRANGER = rsa.generate_private_key(public_exponent=65537, key_size=2048)
EMULATOR = "https://sts.windows.net/d6d49420-f39b-4df7-a1dc-d59a935871db/"
EMULATOR_V2 = "https://login.microsoftonline.com/d6d49420-f39b-4df7-a1dc-d59a935871db/v2.0"


@pytest.fixture
async def connector() -> AsyncIterator[BotConnector]:
    """Give a connector that wants our token."""
    async with connected() as server:
        yield server


@pytest.fixture
async def rig(connector, tmp_path) -> AsyncIterator[Rig]:
    """Give the surface as in production."""
    async with running(tmp_path, connector) as started:
        yield started


def _public(connector: BotConnector) -> bytes:
    return connector.signing.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def _handmade(connector: BotConnector, algorithm: str, sign: Callable[[bytes], bytes]) -> str:
    """Return a token as no decent library would make one."""
    header = json.dumps({"alg": algorithm, "typ": "JWT", "kid": connector.key_id}).encode()
    signed = base64url_encode(header) + b"." + connector.signed().split(".")[1].encode()
    return (signed + b"." + base64url_encode(sign(signed))).decode()


def _tampered(connector: BotConnector) -> str:
    head, _, signature = connector.signed(aud="somebody-else").split(".")
    _, payload, _ = connector.signed().split(".")
    return f"{head}.{payload}.{signature}"


FORGERIES = {
    "no token": lambda _: "",
    "two tokens": lambda c: f"{c.signed()} {c.signed()}",
    "not a token": lambda _: "abc.def.ghi",
    "signed by a stranger": lambda c: c.signed(key=STRANGER),
    "signed by a stranger under an unknown key id": lambda c: c.signed(key=STRANGER, headers={"kid": "other"}),
    "signed by us but without a key id": lambda c: c.signed(headers={"kid": ""}),
    "unsigned": lambda c: _handmade(c, "none", lambda _: b""),
    "signed with the public key as a secret": lambda c: _handmade(
        c, "HS256", lambda text: hmac.digest(_public(c), text, "sha256")
    ),
    "signed with another algorithm": lambda c: c.signed(algorithm="RS512"),
    "a payload under another payload's signature": _tampered,
    "for another bot": lambda c: c.signed(aud="33333333-aaaa-4bbb-8ccc-000000000003"),
    "for nobody": lambda c: c.signed(drop="aud"),
    "for us among others": lambda c: c.signed(aud=[APP, "33333333-aaaa-4bbb-8ccc-000000000003"]),
    "expired": lambda c: c.signed(exp=int(time.time()) - 3600),
    "never expiring": lambda c: c.signed(drop="exp"),
    "not valid yet": lambda c: c.signed(nbf=int(time.time()) + 3600),
    "of another issuer": lambda c: c.signed(iss="https://login.example.com"),
    "of nobody": lambda c: c.signed(drop="iss"),
    "of the Emulator": lambda c: c.signed(iss=EMULATOR, appid=APP, ver="1.0"),
    "of the Emulator, second version": lambda c: c.signed(iss=EMULATOR_V2, azp=APP, ver="2.0"),
    "of a skill": lambda c: c.signed(iss=EMULATOR_V2, ver="2.0", azp="44444444-aaaa-4bbb-8ccc-000000000004"),
    "for another service address": lambda c: c.signed(serviceurl="https://evil.example/"),
    "for no service address": lambda c: c.signed(drop="serviceurl"),
}


@pytest.mark.parametrize("forgery", FORGERIES)
async def test_a_forged_token_is_refused(connector, rig, forgery):
    """Nothing of it reaches the inbox, nothing is sent, and no address is learned."""
    answer = await rig.post(rig.activity(text="approve p-7f3a9k2m"), token=FORGERIES[forgery](connector))
    assert answer.status_code in {401, 403}
    await _nothing_came_of_it(connector, rig)


CHANGES = {
    "another tenant": {
        "channelData": {"tenant": {"id": "other"}},
        "conversation": {"id": "a:chat", "tenantId": "other"},
    },
    "another tenant behind ours": {
        "conversation": {"id": "a:chat", "conversationType": "personal", "tenantId": "other"}
    },
    "ours only in the conversation": {"channelData": {"tenant": {"id": "other"}}},
    "no tenant": {"channelData": {}, "conversation": {"id": "a:chat", "conversationType": "personal"}},
    "another channel": {"channelId": "webchat"},
    "the emulator's channel": {"channelId": "emulator"},
    "no service address": {"serviceUrl": ""},
    "another service address": {"serviceUrl": "https://evil.example/"},
    "no recipient": {"recipient": {}},
}


@pytest.mark.parametrize("change", CHANGES)
async def test_an_activity_that_does_not_fit_its_token_is_refused(connector, rig, change):
    """A true token does not carry another tenant, channel or service address."""
    answer = await rig.post(rig.activity(**CHANGES[change]))
    assert answer.status_code in {401, 403}
    await _nothing_came_of_it(connector, rig)


async def test_keys_that_may_not_sign_for_teams_are_refused(connector, rig):
    """The Bot Framework endorses each key for channels; one for the web chat does not speak for Teams."""
    connector.endorsements = ["webchat"]
    assert (await rig.post(rig.activity())).status_code == 401
    await _nothing_came_of_it(connector, rig)


async def test_a_new_signing_key_is_fetched_and_a_flood_of_unknown_ones_is_not(connector, rig):
    """Unknown key ids cause at most one look in five minutes, however many come."""
    for number in range(20):
        assert (
            await rig.post(rig.activity(), token=connector.signed(headers={"kid": f"k{number}"}))
        ).status_code == 401
    assert connector.calls.count(("GET", "keys")) == 1
    assert (await rig.post(rig.activity(text="a true one"))).status_code == 200
    (heard,) = await rig.hears(1)
    assert heard.text == "a true one"


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"null", b'{"type":"message"}', b"\xff\xfe", b'{"type":"message","conversation":{"id":"a|b"}}'],
)
async def test_what_is_no_activity_is_refused(connector, rig, body):
    """Broken requests are told apart from broken us."""
    assert (await rig.post(body)).status_code == 400
    await _nothing_came_of_it(connector, rig)


async def test_a_body_without_end_is_not_read(rig):
    """What is larger than any activity is refused by its length."""
    assert (await rig.post(b"x" * 300_000)).status_code == 413


async def test_a_true_request_is_let_in(rig):
    """The same request with a true token is heard, so that the refusals above mean something."""
    assert (await rig.post(rig.activity(text="hello"))).status_code == 200
    (heard,) = await rig.hears(1)
    assert heard.text == "hello"


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"app_password": "s", "tenants": (TENANT,)}, "app_id"),
        ({"app_id": " ", "app_password": "s", "tenants": (TENANT,)}, "app_id"),
        ({"app_id": APP, "tenants": (TENANT,)}, "app_password"),
        ({"app_id": APP, "app_password": "s"}, "tenants"),
        ({"app_id": APP, "app_password": "s", "tenants": (" ",)}, "tenants"),
        ({"app_id": APP, "app_password": "s", "tenants": (TENANT,), "metadata_url": "https://evil.example"}, "keys"),
        ({"playground": True, "host": "0.0.0.0"}, "127.0.0.1"),  # noqa: S104 - that is what must be refused
        ({"playground": True, "app_id": APP}, "app_id"),
    ],
)
def test_it_does_not_start_open_to_everyone(options, told):
    """Without an app id, a secret or a tenant nothing starts; the playground only on loopback."""
    with pytest.raises(SettingsError, match=told):
        TeamsOptions(**options)


def test_the_signing_keys_are_microsofts():
    """Unless a test says otherwise."""
    options = TeamsOptions(app_id=APP, app_password="s", tenants=(TENANT,))
    assert options.metadata_url == METADATA_URL
    assert "secret" not in repr(TeamsOptions(app_id=APP, app_password="secret", tenants=(TENANT,)))


FROM_A_WEB_PAGE = {
    "an origin": {"origin": "http://localhost:56150"},
    "another origin": {"origin": "https://evil.example"},
    "a form's content type": {"content-type": "text/plain"},
    "a rebound host": {"host": "evil.example"},
}


async def test_the_playground_takes_unsigned_requests_of_this_machine_only(connector, tmp_path):
    """Its client is let in; a web page in a browser of this machine is not, nor an answer that would leave the machine."""
    connector.token = ""
    async with running(tmp_path, connector, options=TeamsOptions(playground=True, port=0)) as rig:
        assert (await rig.post(rig.activity(text="hello"), token="")).status_code == 200
        await rig.hears(1)
        for headers in FROM_A_WEB_PAGE.values():
            assert (await rig.post(rig.activity(), token="", **headers)).status_code == 403
        away = rig.activity(serviceUrl="https://evil.example/")
        assert (await rig.post(away, token="")).status_code == 403
        assert len(rig.heard) == 1


async def test_a_signature_is_no_way_around_a_missing_one(connector, rig):
    """A token may be right and its words still unread: what is refused does not depend on what it says."""
    forged = jwt.encode({"iss": "https://api.botframework.com", "aud": APP, "serviceurl": connector.url}, "x" * 32)
    answer = await rig.post(rig.activity(type="invoke", name="adaptiveCard/action", value={}), token=forged)
    assert answer.status_code in {401, 403}
    assert "statusCode" not in answer.text


async def _nothing_came_of_it(connector: BotConnector, rig: Rig) -> None:
    before = json.dumps([one.versions for one in connector.sent.values()])
    assert (before, rig.heard) == ("[]", [])
    assert rig.client.addresses.of("a:chat") is None
    assert rig.record.inbox.pending() == []
