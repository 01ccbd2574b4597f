"""Identities stay on the runner: what is taken out of words, what stays, and that all of it comes back."""

import string

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from engine.planning.redaction import Redactor
from engine.understanding import _split, _vocabulary

NAMES = frozenset(
    {
        "web-dev-1",
        "orders-db",
        "payments",
        "ml-notebook",
        "Big Red Machine",
        "reports (old)",
        "café-☕",
        "a/b/c-data",
        "server",
        "prod",
        "DB_Main.eu",
        "x",
        "7",
        "acme-data-491",
        "frontend",
    }
)


AROUND = ("stop {}", "stop {}.", '"{}"', "({})", "[{}]", "is {}?", "{}, now", "stop:{};", "<{}>", "**{}**", "{}'s")


def redactor():
    """A redactor that knows the names above, made as the runner makes it."""
    single, long = _split(NAMES)
    return Redactor(lambda word: word.casefold() in single, long_names=long, vocabulary=_vocabulary())


@pytest.mark.parametrize(
    "hidden",
    [
        "web-dev-1",
        "WEB-DEV-1",
        "orders-db",
        "Big Red Machine",
        "big red machine",
        "reports (old)",
        "café-☕",
        "a/b/c-data",
        "DB_Main.eu",
        "acme-data-491",
        "i-0abc1234def567890",
        "vol-0abc1234",
        "lt-0abcdef1234567890",
        "111122223333",
        "1111-2222-3333",
        "arn:aws:iam::111122223333:role/Admin",
        "arn:aws-us-gov:s3:::secret-bucket",
        "/subscriptions/6f1c2d3e-0a1b-4c2d-8e3f-001122334455/resourceGroups/rg-one",
        "projects/acme-data/zones/europe-west1-b/instances/vm-1",
        "6f1c2d3e-0a1b-4c2d-8e3f-001122334455",
        "alice@corp.example",
        "o'brien+ops@corp.example.co.uk",
        "bob@localhost",
        "ops%40corp.example",
        "@alice",
        "<@U0ALICE42>",
        "U0ALICE42",
        "10.1.2.3",
        "10.1.2.3/24",
        "2001:db8::8a2e:370:7334",
        "fe80::1",
        "ip-10-1-2-3",
        "00:1b:44:11:3a:b7",
        "db.prod.acme.internal",
        "orders.c9akciq32.us-east-1.rds.amazonaws.com",
        "https://user:hunter2@build.acme.io/job?token=abc",
        "postgres://u:p@10.9.8.7:5432/x",
        "AKIAIOSFODNN7EXAMPLE",
        "AROA1234567890EXAMPL",
        "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        "xoxb-123456789012-abcdefgh",
        "xapp-1-A0B1C2-abcdef",
        "ghp_abcdefghijklmnopqrstuvwxyz0123456789",
        "glpat-abcdefghij0123456789",
        "sk-ant-api03-abcdefghijklmnop",
        "AIzaSyA1234567890abcdefghijklmnopqrstuv",
        "ya29.a0AfH6SMBx_1234567890",
        "GOCSPX-abcdefghijklmnop12",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl",
        "abc8Q~abcdefghijklmnopqrstuvwxyz0123456789",
        "d41d8cd98f00b204e9800998ecf8427e",
        "password=hunter2",
        "password is hunter2",
        "api_key: abc123",
        "Bearer abcdefghijkl123456",
        "-----BEGIN RSA PRIVATE KEY-----\nMIIabc\n-----END RSA PRIVATE KEY-----",
    ],
)
def test_identities_and_credentials_are_taken_out_however_they_stand_in_a_sentence(hidden):
    """No identity leaves, whatever quotes, brackets or full stops are around it."""
    for around in AROUND:
        text = hidden if hidden.startswith("<") else around.format(hidden)
        made = redactor()
        sent = made.redact(text)
        assert hidden.casefold() not in sent.casefold()
        assert made.restore(sent).casefold() == text.casefold()


@pytest.mark.parametrize(
    "text",
    [
        "--web-dev-1",
        "web-dev-1-old",
        "web-dev-1.internal/x",
        "paymentss payments",
        "xx-orders-db",
        "frontends",
        "web-dev-1_bak",
        "web-dev-1…web-dev-1",
    ],
)
def test_a_name_inside_a_longer_word_is_taken_out(text):
    """A plural, a suffix or a host name does not carry a name out."""
    sent = redactor().redact(text)
    assert not any(name in sent for name in ("web-dev-1", "payments ", "orders-db", "frontend"))


@pytest.mark.parametrize(
    "text",
    [
        "stop all dev EC2 instances in us-east-1",
        "list t3.micro and db.r5.large and Standard_D2s_v5",
        "open port 443 to 0.0.0.0/0 and ::/0",
        "show servers of prod created since 2026-03-01 at 12:30:00",
        "resize 7 of them to 100 GB by 10:30",
        "restart 20% of them, then delete the rest",
        "which s3://buckets are public?",
    ],
)
def test_ordinary_words_stay(text):
    """What a sentence needs to be understood goes as it was typed."""
    assert redactor().redact(text) == text


def test_one_thing_has_one_pseudonym_and_different_things_have_different_ones():
    """The server can tell that the same machine is meant twice."""
    made = redactor()
    assert made.redact("web-dev-1 WEB-dev-1 orders-db") == "name-p1 name-p1 name-p2"


def test_what_looks_like_a_pseudonym_is_not_mistaken_for_one():
    """A person who types `name-p1` does not get somebody else's machine."""
    made = redactor()
    sent = made.redact("stop name-p1 and web-dev-1")
    assert made.restore(sent) == "stop name-p1 and web-dev-1"


def test_secrets_that_differ_in_case_only_stay_different():
    """Case matters in a key."""
    made = redactor()
    one, other = "password=AbC", "password=aBc"
    sent = made.redact(f"{one} {other}")
    assert made.restore(sent) == f"{one} {other}"


def test_a_kind_of_thing_is_no_address_and_an_address_is_none():
    """`ec2::` and `e::d` in `compute::disk` are IPv6; as a filter's value they are our own words, beside an address they are not."""
    made = redactor()
    filters = {"exclude": {"resource_types": ["ec2::instance", "compute::disk", "any::database", "s3::bucket"]}}
    assert made.redact_all(filters) == filters
    for address in ("2001:db8::1", "fe80::1", "ec2::1", "ec2::instance2::1", "ec2::"):
        sent = made.redact(f"open {address} to all")
        assert "ip-p" in sent.casefold(), sent
        assert made.restore(sent) == f"open {address} to all"


def test_keys_of_tags_are_taken_out_and_fixed_keys_are_not():
    """A tag's key is somebody's word; a filter's key is ours."""
    made = redactor()
    filters = {"name": "web-dev-1", "set_tags": {"orders-db": "alice@corp.example"}, "exclude": {"name": ["payments"]}}
    sent = made.redact_all(filters)
    assert set(sent) == set(filters)
    assert not [name for name in ("orders-db", "alice", "payments") if name in str(sent)]
    assert made.restore_all(sent) == filters


WORDS = st.sampled_from(
    (
        *sorted(NAMES),
        "i-0abc1234def567890",
        "10.1.2.3",
        "alice@corp.example",
        "name-p1",
        "i-p3",
        "arn:aws:s3:::b",
        "stop",
        "p-1",
        "fe80::1",
        "xoxb-1234567890",
    )
)
NOISE = st.text(alphabet=string.ascii_letters + string.digits + " .,-_:;/@'\"()[]<>\n☕é", max_size=6)


@given(st.lists(st.tuples(NOISE, WORDS), max_size=8))
@example([("", "café-☕"), ("@", "7")])
def test_what_was_taken_out_comes_back(parts):
    """Redacting and restoring gives the text again, letter by letter but for the case of repeated names."""
    text = "".join(noise + word for noise, word in parts)
    made = redactor()
    assert made.restore(made.redact(text)).casefold() == text.casefold()


@given(st.text(max_size=200))
def test_any_text_comes_back(text):
    """The same for whatever people can type."""
    made = redactor()
    assert made.restore(made.redact(text)).casefold() == text.casefold()


@pytest.mark.parametrize("name", ["all dev instances", "every prod database", "all dev vms in us-east-1", "stop all"])
def test_a_name_that_reads_like_an_order_is_meant_only_in_quotation_marks(name):
    """Who may name a machine cannot turn "stop all dev instances" into an order about that machine."""
    single, long = _split(frozenset({name}))
    made = Redactor(lambda word: word.casefold() in single, long_names=long, vocabulary=_vocabulary())
    assert made.redact(f"stop {name} in eu-west-1") == f"stop {name} in eu-west-1"
    assert made.redact(f'stop "{name}"') == 'stop "name-p1"'
    assert made.restore("name-p1") == name
