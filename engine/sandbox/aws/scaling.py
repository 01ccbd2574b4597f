"""Auto Scaling: the groups that own some of the company's instances, made around instances that already run."""

from itertools import groupby

from moto.autoscaling.models import autoscaling_backends

from engine.sandbox.inventory import Cloud, Company, Machine

SPARE = 3


def seed(company: Company) -> None:
    """Put each group up and hand it its instances, which get the group's tag by that."""
    owned = sorted((machine for machine in company.machines_of(Cloud.AWS) if machine.scaling_group), key=_group)
    for (account, region, name), members in groupby(owned, key=_group):
        _seed_group(account, region, name, list(members))


def _group(machine: Machine) -> tuple[str, str, str]:
    return machine.account.id, machine.region, machine.scaling_group


def _seed_group(account: str, region: str, name: str, members: list[Machine]) -> None:
    backend = autoscaling_backends[account][region]
    # Born empty: a group with a desired capacity would launch instances that the company does not have.
    group = backend.create_auto_scaling_group(
        name=name,
        availability_zones=sorted({machine.zone for machine in members}),
        desired_capacity=0,
        min_size=0,
        max_size=len(members) + SPARE,
        launch_config_name="",
        launch_template={},
        instance_id=members[0].id,
        vpc_zone_identifier=None,
        default_cooldown=300,
        health_check_period=300,
        health_check_type="EC2",
        load_balancers=[],
        target_group_arns=[],
        placement_group=None,
        termination_policies=[],
        tags=[],
    )
    backend.attach_instances(name, [machine.id for machine in members])
    group.min_size = len(members) - 1
