"""Words that people wrote into tags and account names, and that look like nobody's name, stay on the runner too."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from engine.estate.changes import changed
from engine.estate.resource import Cloud
from engine.planning.redaction import Redactor
from engine.reports.figures import PublicBucket
from engine.reports.morning import happened
from engine.reports.snapshot import Payer, Telling, loose_rows
from tests.fakes.requests import thing

NOW = datetime(2026, 3, 15, 2, tzinfo=UTC)


def telling(**fields):
    """Over no resources, with a redactor that knows no names."""
    given = {"payers": {}, "find": lambda _id: None, "environment_tags": ("env",)} | fields
    return Telling(redact=Redactor(lambda _word: False).redact, **given)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"tags": {"env": "dev", "owner": "margarethe"}}, "a tag changed"),
        ({"tags": {"env": "dev", "margarethe": "yes"}}, "a tag changed"),
        ({"name": "margarethe"}, "its name changed"),
        ({"facts": {"description": "margarethe"}}, "a detail changed"),
        ({"size": "t3.large", "state": "stopped"}, "state: running → stopped; size: t3.micro → t3.large"),
    ],
)
def test_what_changed_is_told_to_people_whole_and_to_the_agent_server_without_what_people_wrote(change, told):
    """Values of states, sizes and places are the cloud's own words; tags, names and free facts are somebody's."""
    before = replace(thing("ec2::instance", Cloud.AWS, "i-1", state="running", env="dev"), size="t3.micro", facts={})
    seen = happened(changed(before, replace(before, **change), NOW))
    row = loose_rows([seen], telling())[0]
    assert row.facts["says"] == told
    assert "margarethe" not in row.model_dump_json()
    if "margarethe" in str(change):
        assert "margarethe" in seen.what


@pytest.mark.parametrize(("tag", "told"), [("production", "prod"), ("Dev", "dev"), ("blackbird launch", "")])
def test_an_environment_is_told_where_it_is_one_that_everybody_has(tag, told):
    """A project's name in the environment tag is not."""
    bucket = thing("s3::bucket", Cloud.AWS, "b-1", env=tag)
    public = PublicBucket(name="b-1", id=bucket.id, account="1", data_class="")
    row = loose_rows([public], telling(find=lambda _id: bucket))[0]
    assert row.environment == told
    assert "blackbird" not in row.model_dump_json()


def test_an_account_whose_name_has_spaces_is_a_handle_too():
    """The longest name that begins the sentence counts."""
    payers = {"1": Payer(name="acme", cloud="aws"), "2": Payer(name="acme north sea", cloud="aws")}
    told = telling(payers=payers)
    assert told.unnamed("acme north sea (no cost source connected)") == "r1 (no cost source connected)"
    assert told.unnamed("acme us-east-1 ec2 (denied)") == "r2 us-east-1 ec2 (denied)"
    assert told.unnamed("acmeology is no account") == "acmeology is no account"
