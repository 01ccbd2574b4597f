"""The rights that help names are those of the runner's catalogue."""

from importlib import resources

from engine.clouds.catalog import catalog


def test_each_right_is_what_the_operation_declares():
    """A row that is no longer true fails; an operation without a row is answered by its plan's card."""
    table = resources.files("agent_server.agents.helping").joinpath("permissions.tsv").read_text(encoding="utf-8")
    operations = catalog().operations
    rows = [line.split("\t") for line in table.splitlines()[1:]]
    assert len(rows) >= 30
    for operation, action, cloud, type_, permissions in rows:
        found = operations[operation]
        assert (found.action, found.cloud.value, found.type, " ".join(found.permissions)) == (
            action,
            cloud,
            type_,
            permissions,
        )
