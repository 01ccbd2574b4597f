"""RDS instances: power, settings, snapshots, tags, deletion.

RDS honours no idempotency token. Starting and stopping refuse an instance that is under way, and a snapshot's identifier
may exist once, so recovery looks before it repeats (`state`). The identifier is the instance's name and the plan's id, which
is how a later look tells this plan's snapshot from any other.
"""

from collections.abc import Mapping

from engine.clouds.aws.operations.declaring import (
    KEYS,
    SUFFIX,
    TAGS,
    CommandLine,
    as_tag_options,
    command,
    own_id,
    tagged,
    undo_tagging,
    undo_untagging,
    untagged,
)
from engine.clouds.operation import (
    Effect,
    ExpandedStep,
    Inverse,
    Operation,
    Param,
    ParamKind,
    Params,
    ReplayClass,
    Verdict,
)
from engine.clouds.verdicts import by_state, gone, listed, text, texts, untold, when
from engine.estate.resource import Cloud, Json, Resource

DATABASE = "rds::instance"
MODIFY = "aws.rds.modify_db_instance"
# While a database is in one of these it already serves, although RDS is still busy with it.
_UP = ("available", "backing-up", "configuring-enhanced-monitoring", "storage-optimization")


def snapshot_name(instance: str, params: Params) -> str:
    """Return the identifier of the snapshot that a step takes of an instance."""
    return f"{instance}-{text(params, 'suffix')}"


def final_snapshot_name(instance: str, params: Params) -> str:
    """Return the identifier of the snapshot that is taken when an instance is deleted."""
    return f"{instance}-final-{text(params, 'suffix')}"


def _on_instance(verb: str) -> CommandLine:
    return lambda resource, _params: command("rds", verb, resource.region, db_instance_identifier=own_id(resource))


def _snapshot_taken(now: Resource | None, params: Params) -> Verdict:
    if now is None:
        return Verdict.NOT_DONE
    snapshots = now.facts.get("snapshots")
    status = snapshots.get(snapshot_name(now.name, params)) if isinstance(snapshots, Mapping) else None
    if status == "available":
        return Verdict.DONE
    return Verdict.UNDERWAY if status == "creating" else Verdict.NOT_DONE


def settings_of(resource: Resource) -> dict[str, Json]:
    """Return the settings that can be changed, by our parameter names."""
    return {
        "public": resource.public,
        "deletion_protection": resource.facts.get("deletion_protection"),
        "backup_days": resource.facts.get("backup_days"),
        "instance_class": resource.size,
    }


def _settings_back(before: Resource, params: Params) -> tuple[ExpandedStep, ...]:
    held = {name: value for name, value in settings_of(before).items() if name in params and value not in {None, ""}}
    return (ExpandedStep(operation=MODIFY, params=held, reason="as it was"),) if held else ()


def _settled(now: Resource | None, params: Params) -> Verdict:
    """A changed setting shows at once or while RDS is still `modifying`."""
    if now is None:
        return Verdict.NOT_DONE
    shown = settings_of(now)
    if all(shown[name] == value for name, value in params.items()):
        return Verdict.DONE if now.state in _UP else Verdict.UNDERWAY
    return Verdict.UNDERWAY if now.state == "modifying" else Verdict.NOT_DONE


def _options(params: Params) -> dict[str, str | None]:
    """Return the command line's options for the settings: flags, or words with a value."""
    flags = {"public": "publicly_accessible", "deletion_protection": "deletion_protection"}
    options: dict[str, str | None] = {
        (flags[name] if params[name] else f"no_{flags[name]}"): None for name in flags if name in params
    }
    words = {"backup_days": "backup_retention_period", "instance_class": "db_instance_class"}
    return options | {word: str(params[name]) for name, word in words.items() if name in params}


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        id="aws.rds.start_db_instance",
        action="start",
        type=DATABASE,
        cloud=Cloud.AWS,
        effect=Effect.WRITE,
        replay=ReplayClass.STATE,
        permissions=("rds:StartDBInstance",),
        words=("Start", "Starting", "Started"),
        verdict=by_state(done=_UP, underway=("starting",)),
        cli=_on_instance("start-db-instance"),
        from_states=frozenset({"stopped"}),
        inverse=Inverse(operation="aws.rds.stop_db_instance"),
        expected_seconds=300,
        deadline_seconds=1800,
    ),
    Operation(
        id="aws.rds.stop_db_instance",
        action="stop",
        type=DATABASE,
        cloud=Cloud.AWS,
        effect=Effect.WRITE,
        replay=ReplayClass.STATE,
        permissions=("rds:StopDBInstance",),
        words=("Stop", "Stopping", "Stopped"),
        verdict=by_state(done=("stopped",), underway=("stopping",)),
        cli=_on_instance("stop-db-instance"),
        from_states=frozenset({"available"}),
        inverse=Inverse(operation="aws.rds.start_db_instance"),
        expected_seconds=300,
        deadline_seconds=1800,
    ),
    Operation(
        id="aws.rds.reboot_db_instance",
        action="restart",
        type=DATABASE,
        cloud=Cloud.AWS,
        effect=Effect.WRITE,
        replay=ReplayClass.ONCE,
        permissions=("rds:RebootDBInstance",),
        words=("Restart", "Restarting", "Restarted"),
        verdict=untold,
        cli=lambda resource, params: command(
            "rds",
            "reboot-db-instance",
            resource.region,
            db_instance_identifier=own_id(resource),
            **({"force_failover": None} if params.get("failover") else {}),
        ),
        # RDS refuses a failover of an instance that has no standby:
        # https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_RebootDBInstance.html
        params=(Param(name="failover", kind=ParamKind.BOOLEAN, required=False),),
        from_states=frozenset({"available"}),
        no_inverse_because="a restart cannot be taken back",
        expected_seconds=60,
    ),
    Operation(
        id="aws.rds.create_db_snapshot",
        action="snapshot",
        type=DATABASE,
        cloud=Cloud.AWS,
        effect=Effect.WRITE,
        replay=ReplayClass.STATE,
        permissions=("rds:CreateDBSnapshot",),
        words=("Snapshot", "Taking a snapshot of", "Took a snapshot of"),
        verdict=_snapshot_taken,
        cli=lambda resource, params: command(
            "rds",
            "create-db-snapshot",
            resource.region,
            db_instance_identifier=own_id(resource),
            db_snapshot_identifier=snapshot_name(own_id(resource), params),
        ),
        params=(SUFFIX,),
        from_states=frozenset({"available"}),
        no_inverse_because="the snapshot is kept; delete it by hand when it is no longer needed",
        expected_seconds=300,
        deadline_seconds=3600,
    ),
    Operation(
        id=MODIFY,
        action="",
        type=DATABASE,
        cloud=Cloud.AWS,
        effect=Effect.WRITE,
        replay=ReplayClass.STATE,
        permissions=("rds:ModifyDBInstance",),
        words=("Change the settings of", "Changing the settings of", "Changed the settings of"),
        verdict=_settled,
        cli=lambda resource, params: command(
            "rds",
            "modify-db-instance",
            resource.region,
            db_instance_identifier=own_id(resource),
            apply_immediately=None,
            **_options(params),
        ),
        params=(
            Param(name="public", kind=ParamKind.BOOLEAN, required=False),
            Param(name="deletion_protection", kind=ParamKind.BOOLEAN, required=False),
            Param(name="backup_days", kind=ParamKind.INTEGER, required=False, most=35),
            Param(name="instance_class", kind=ParamKind.TEXT, required=False, pattern=r"db\.[a-z0-9\-.]+", most=40),
        ),
        from_states=frozenset({"available"}),
        inverse=Inverse(operation=MODIFY, choose=_settings_back),
        exposes=True,
        exposes_when=lambda params: (
            params.get("public") is True or params.get("deletion_protection") is False or params.get("backup_days") == 0
        ),
        expected_seconds=60,
        deadline_seconds=3600,
    ),
    Operation(
        id="aws.rds.add_tags_to_resource",
        action="tag",
        type=DATABASE,
        cloud=Cloud.AWS,
        effect=Effect.WRITE,
        replay=ReplayClass.NATURAL,
        permissions=("rds:AddTagsToResource",),
        words=("Tag", "Tagging", "Tagged"),
        verdict=when(tagged),
        cli=lambda resource, params: command(
            "rds",
            "add-tags-to-resource",
            resource.region,
            resource_name=resource.id,
            tags=as_tag_options(texts(params, "tags")),
        ),
        params=(TAGS,),
        inverse=undo_tagging(add="aws.rds.add_tags_to_resource", remove="aws.rds.remove_tags_from_resource"),
        expected_seconds=2,
        deadline_seconds=60,
    ),
    Operation(
        id="aws.rds.remove_tags_from_resource",
        action="untag",
        type=DATABASE,
        cloud=Cloud.AWS,
        effect=Effect.WRITE,
        replay=ReplayClass.NATURAL,
        permissions=("rds:RemoveTagsFromResource",),
        words=("Untag", "Untagging", "Untagged"),
        verdict=when(untagged),
        cli=lambda resource, params: command(
            "rds",
            "remove-tags-from-resource",
            resource.region,
            resource_name=resource.id,
            tag_keys=listed(params, "keys"),
        ),
        params=(KEYS,),
        inverse=undo_untagging(add="aws.rds.add_tags_to_resource"),
        expected_seconds=2,
        deadline_seconds=60,
    ),
    Operation(
        id="aws.rds.delete_db_instance",
        action="delete",
        type=DATABASE,
        cloud=Cloud.AWS,
        effect=Effect.DESTROY,
        replay=ReplayClass.STATE,
        permissions=("rds:DeleteDBInstance", "rds:CreateDBSnapshot"),
        words=("Delete", "Deleting", "Deleted"),
        verdict=gone,
        cli=lambda resource, params: command(
            "rds",
            "delete-db-instance",
            resource.region,
            db_instance_identifier=own_id(resource),
            no_skip_final_snapshot=None,
            final_db_snapshot_identifier=final_snapshot_name(own_id(resource), params),
        ),
        params=(SUFFIX,),
        from_states=frozenset({"available", "stopped"}),
        no_inverse_because="a deleted database is gone; a final snapshot is kept, from which a new one can be restored by hand",
        expected_seconds=600,
        deadline_seconds=3600,
    ),
)
