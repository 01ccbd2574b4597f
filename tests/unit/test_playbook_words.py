"""What is read on the runner from messages about playbooks: values, names, orders."""

import pytest

from agent_server.contract.playbook import Parameter
from bot.ordering import ordered, pressed, said
from bot.spoken import command
from engine.playbooks.orders import Do, Order
from engine.playbooks.words import (
    Missing,
    new_name,
    ordinal,
    pinned,
    settle,
    single,
    slug,
    split,
    unknown_values,
    value_of,
    with_value,
)
from tests.fakes.playbooks import RESIZING, playbook, step


def parameter(**fields):
    """A parameter."""
    return Parameter.model_validate({"name": "n", "kind": "string", "description": "A value."} | fields)


@pytest.mark.parametrize(
    ("text", "plain", "values"),
    [
        ("run playbook x on dev in us-east-1 with bucket=y", "run playbook x on dev in us-east-1", {"bucket": "y"}),
        ('run playbook x with size = "a b", days=3 on web-1', "run playbook x on web-1", {"size": "a b", "days": "3"}),
        ("run playbook x with a=1 and b=2 using c=3", "run playbook x", {"a": "1", "b": "2", "c": "3"}),
        ("stop machines with env=dev", "stop machines with env=dev", {}),
        ("run playbook x on machines with tags", "run playbook x on machines with tags", {}),
    ],
)
def test_values_are_cut_out_of_a_message_about_a_playbook(text, plain, values):
    """They are the person's own and no filter; elsewhere `with env=dev` keeps its meaning."""
    assert split(text) == (plain, values)


def test_a_value_that_is_added_is_read_again():
    """Also one with spaces and quotes."""
    for value in ("m5.large", "a b", 'say "x"', "a=b"):
        assert split(with_value("run playbook x on dev", "size", value)) == ("run playbook x on dev", {"size": value})


@pytest.mark.parametrize(
    ("declared", "raw", "value"),
    [
        ({"kind": "integer", "minimum": 1, "maximum": 9}, "7", 7),
        ({"kind": "boolean"}, "Yes", True),
        ({"kind": "boolean"}, "off", False),
        ({"kind": "choice", "choices": ["Gold", "Tin"]}, "gold", "Gold"),
        ({"pattern": "[a-z]+"}, "abc", "abc"),
        ({"kind": "resource"}, "my-bucket", "my-bucket"),
    ],
)
def test_a_value_takes_the_type_of_its_parameter(declared, raw, value):
    """Numbers are numbers, yes is true, a choice is spelled as declared."""
    assert value_of(parameter(**declared), raw) == (value, "")


@pytest.mark.parametrize(
    ("declared", "raw", "why"),
    [
        ({"kind": "integer", "minimum": 1}, "0", "at least 1"),
        ({"kind": "integer"}, "many", "whole number"),
        ({"kind": "integer"}, "9" * 40, "whole number"),
        ({"kind": "boolean"}, "perhaps", "yes or no"),
        ({"kind": "choice", "choices": ["a", "b"]}, "c", "one of a, b"),
        ({"pattern": "[a-z]+"}, "a1", "must match"),
        ({"pattern": "(a+)+$"}, "a" * 200 + "!", "must match"),
        ({}, "x" * 300, "characters"),
        ({}, " ", "characters"),
    ],
)
def test_a_value_that_does_not_fit_says_why(declared, raw, why):
    """Bounds, choices and patterns, also a pattern that would keep Python's engine busy for years."""
    assert why in value_of(parameter(**declared), raw)[1]


def test_parameters_are_asked_for_one_at_a_time():
    """First what is missing; a default stands in; then everything is there."""
    assert settle(RESIZING, {}) == Missing(parameter=RESIZING.parameters[0])
    assert settle(RESIZING, {"size": "m5.large"}) == {"size": "m5.large"}
    wrong = settle(RESIZING, {"size": "big"})
    assert isinstance(wrong, Missing)
    assert "must match" in wrong.why
    days = {"name": "days", "kind": "integer", "description": "Days.", "default": 7}
    assert settle(playbook(step("aws.ec2.stop_instances"), parameters=[days]), {}) == {"days": 7}


@pytest.mark.parametrize(
    ("text", "value"), [("y", "y"), ('"a b"', "a b"), ("“a b”", "a b"), ("list my buckets", None), ("", None)]
)
def test_an_answer_is_one_word_or_quoted(text, value):
    """Anything longer is another message."""
    assert single(text) == value


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("save this plan as playbook nightly-stop", "nightly-stop"),
        ("save this as a playbook called Nightly stop.", "Nightly stop"),
        ("save this plan as a playbook", ""),
        ("create a playbook from this", ""),
    ],
)
def test_the_name_of_a_new_playbook_is_read_from_the_message(text, name):
    """Behind `playbook`, with or without `called`; when there is none it is asked for."""
    assert new_name(text) == name


def test_what_is_run_is_the_version_that_was_shown():
    """An ordinal becomes the name it meant, and the version stays in the words for when they are planned anew."""
    text = pinned("run the second playbook on dev", "second", RESIZING)
    assert split(text) == ("run playbook resize-machine on dev", {"playbook_version": "1.0.0"})
    assert pinned(text, "resize-machine", RESIZING) == text
    assert (
        said(Order(do=Do.RUN, name="x-y", version="1.0.2", text="dev"))
        == 'run playbook x-y on dev with playbook_version="1.0.2"'
    )


def test_a_value_that_nothing_asks_for_is_noticed():
    """It is not dropped in silence."""
    assert unknown_values(RESIZING, {"size": "m5.large", "colour": "red", "playbook_version": "1.0.0"}) == ("colour",)


def test_names_become_ids_and_ordinals_places():
    """Lower case with hyphens; what has no letter first is no id."""
    assert slug("Nightly Stop!") == "nightly-stop"
    assert slug("9 lives") == slug("x") == slug("") == ""
    assert [ordinal(word) for word in ("first", "2nd", "third one", "nightly")] == [0, 1, 2, None]


@pytest.mark.parametrize(
    ("text", "order"),
    [
        ("playbook list", Order(do=Do.LIST)),
        ("playbooks", Order(do=Do.LIST)),
        ("playbook show nightly-stop", Order(do=Do.SHOW, name="nightly-stop")),
        ("playbook show nightly-stop@1.0.2", Order(do=Do.SHOW, name="nightly-stop", version="1.0.2")),
        ("playbook upload nightly-stop 1.0.2", Order(do=Do.UPLOAD, name="nightly-stop", version="1.0.2")),
        ("upload playbook nightly-stop trusted", Order(do=Do.TRUST, name="nightly-stop")),
        ("approve playbook nightly-stop", Order(do=Do.APPROVE, name="nightly-stop")),
        ("playbook reject x-y because it deletes", Order(do=Do.REJECT, name="x-y", text="it deletes")),
        ("mark playbook x-y as needs update", Order(do=Do.STATE, name="x-y", text="needs update|")),
        ("playbook state x-y broken because it fails", Order(do=Do.STATE, name="x-y", text="broken|it fails")),
        ("playbook find stop idle", Order(do=Do.FIND, text="stop idle")),
        ("playbook run x-y on dev", Order(do=Do.RUN, name="x-y", text="on dev")),
        ("should I approve playbook x-y", None),
        ("approve playbook x-y?", None),
        ("playbook upload x-y when ada agrees", None),
        ("show me playbooks for idle machines", None),
    ],
)
def test_only_exact_forms_are_orders(text, order):
    """A question, a condition, or any other sentence is understood instead."""
    assert ordered(text) == order


@pytest.mark.parametrize("text", ["approve playbook x-y", "reject playbook x-y because no", "playbook show x-y"])
def test_an_order_about_a_playbook_is_no_command_about_a_plan(text):
    """`approve playbook …` never approves the plan of the thread."""
    assert command(text) is None


def test_a_press_is_an_order_with_what_was_typed():
    """Of the buttons there are; a forged one is none."""
    value = {"do": "reject", "playbook_id": "x-y", "version": "1.0.0"}
    assert pressed(value, {"reason": "no"}) == Order(do=Do.REJECT, name="x-y", version="1.0.0", text="no")
    assert pressed({"do": "new"}, {}) is None
    assert pressed({"do": "sudo"}, {}) is None
    assert pressed({}, {}) is None


def test_running_and_finding_are_said():
    """What needs understanding goes the way of every message."""
    assert said(Order(do=Do.RUN, name="x-y", text="dev instances")) == "run playbook x-y on dev instances"
    assert said(Order(do=Do.RUN, name="x-y", text="on dev")) == "run playbook x-y on dev"
    assert said(Order(do=Do.FIND, text="idle")) == "find a playbook for idle"
    assert said(Order(do=Do.SHOW, name="x-y")) == ""
