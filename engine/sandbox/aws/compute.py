"""EC2: the company's instances and volumes, in the default networks that moto gives every account.

Instances are made straight from moto's own classes. Its `run_instances` checks 1,300 images and 1,200 instance types
for each machine, which takes twenty seconds for a company of 10,000; what it makes is the same.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import Any

from moto.ec2.models import ec2_backends
from moto.ec2.models.block_device import BlockDeviceType
from moto.ec2.models.core import TaggedEC2Resource
from moto.ec2.models.elastic_block_store import GP3_DEFAULT_IOPS, Volume, VolumeAttachment
from moto.ec2.models.instances import Instance, Reservation
from moto.ec2.utils import EC2_PREFIX_TO_RESOURCE, get_prefix, random_reservation_id

from engine.sandbox.inventory import Cloud, Company, Disk, Machine, MachineState

ROOT_DEVICE = "/dev/xvda"
PUBLIC_WEB, PUBLIC_ACCESS, INTERNAL = "web-public", "ssh-everywhere", "app-internal"
EVERYWHERE = "0.0.0.0/0"
# name: (description, ports open, to whom)
GROUPS: Mapping[str, tuple[str, tuple[int, ...], str]] = {
    PUBLIC_WEB: ("web servers behind no load balancer", (80, 443), EVERYWHERE),
    PUBLIC_ACCESS: ("the old way in, open to everybody", (22,), EVERYWHERE),
    INTERNAL: ("what talks only inside", (443, 5432, 8080), "10.0.0.0/8"),
}
GROUP_OF_TIER = {"web": PUBLIC_WEB, "access": PUBLIC_ACCESS}
# Moto marks methods of its models as abstract that it never needs; as Any the classes can be made.
_INSTANCE: Any = Instance
_TAGGED: Any = TaggedEC2Resource
_VOLUME: Any = Volume
_ATTACHMENT: Any = VolumeAttachment
IMAGE_NAME = "amzn2-ami-hvm-2.0.20180810-x86_64-gp2"


def _own_tags(resource: Any) -> list[dict[str, str]]:
    """Return one resource's tags as `describe_tags` would: moto's own walks every tag of the region for each."""
    kind = EC2_PREFIX_TO_RESOURCE.get(get_prefix(resource.id), "")
    tags = dict(resource.ec2_backend.tags.get(resource.id, {}))
    return [
        {"resource_id": resource.id, "key": key, "value": value, "resource_type": kind} for key, value in tags.items()
    ]


def seed(company: Company) -> dict[str, Any]:
    """Put the machines and disks up; return moto's instance for each machine id."""
    _TAGGED.get_tags = _own_tags
    disks: dict[str, list[Disk]] = defaultdict(list)
    for disk in company.disks_of(Cloud.AWS):
        disks[disk.machine_id].append(disk)
    instances: dict[str, Any] = {}

    def place(thing: Machine | Disk) -> tuple[str, str]:
        return thing.account.id, thing.region

    for (account, region), machines in groupby(sorted(company.machines_of(Cloud.AWS), key=place), key=place):
        instances |= _seed_region(ec2_backends[account][region], machines, disks)
    for disk in disks[""]:
        _volume(ec2_backends[disk.account.id][disk.region], disk)
    return instances


def _seed_region(backend: Any, machines: Iterable[Machine], disks: Mapping[str, list[Disk]]) -> dict[str, Any]:
    # Every lookup of an image walks all that moto knows; one is enough for machines that never boot.
    images = [image for image in backend.amis.values() if image.name == IMAGE_NAME]
    backend.amis.clear()
    backend.amis.update({image.id: image for image in images})
    groups = _security_groups(backend)
    subnets = {zone: subnet.id for zone, subnet in backend.get_default_subnets().items()}
    made = {}
    for machine in machines:
        group = groups[GROUP_OF_TIER.get(machine.tags.get("tier", ""), INTERNAL)]
        instance = _INSTANCE(
            backend,
            images[0].id,
            None,
            [group],
            instance_type=machine.size,
            region_name=machine.region,
            subnet_id=subnets[machine.zone],
            associate_public_ip=machine.public_ip,
            metadata_options={"HttpTokens": "required"} if machine.tags.get("env") == "prod" else {},
        )
        _finish(backend, instance, machine)
        for disk in disks.get(machine.id, ()):
            _attach(instance, _volume(backend, disk), machine)
        made[machine.id] = instance
    return made


def _finish(backend: Any, instance: Any, machine: Machine) -> None:
    """Give the instance its own id, age and state, and list it as a reservation of one."""
    instance.id = machine.id
    instance.launch_time = machine.launched_at.replace(tzinfo=None)
    instance.root_device_name = ROOT_DEVICE
    if machine.state is not MachineState.RUNNING:
        instance.stop()
    backend.tags[machine.id] = dict(machine.tags)
    reservation = Reservation(random_reservation_id(), owner_id=machine.account.id)
    reservation.instances.append(instance)
    backend.reservations[reservation.id] = reservation


def _volume(backend: Any, disk: Disk) -> Any:
    key = None
    if disk.encrypted:
        # What `create_volume` does for the first encrypted volume of a region.
        if not backend.default_kms_key_id:
            backend._create_default_encryption_key()  # noqa: SLF001 - moto has no public way to the default key
        key = backend.default_kms_key_id
    volume = _VOLUME(
        backend,
        volume_id=disk.id,
        size=disk.size_gb,
        zone=backend.get_zone_by_name(disk.zone),
        encrypted=disk.encrypted,
        kms_key_id=key,
        volume_type=disk.kind,
        iops=GP3_DEFAULT_IOPS if disk.kind == "gp3" else None,
    )
    volume.create_time = disk.created_at.replace(tzinfo=None)
    backend.volumes[disk.id] = volume
    backend.tags[disk.id] = dict(disk.tags)
    return volume


def _attach(instance: Any, volume: Any, machine: Machine) -> None:
    volume.attachment = _ATTACHMENT(volume, instance, ROOT_DEVICE, "attached")
    volume.attachment.attach_time = machine.launched_at.replace(tzinfo=None)
    instance.block_device_mapping[ROOT_DEVICE] = BlockDeviceType(
        volume_id=volume.id,
        status=volume.status,
        size=volume.size,
        attach_time=volume.attachment.attach_time,
        delete_on_termination=True,
    )


def _security_groups(backend: Any) -> dict[str, Any]:
    made = {}
    for name, (description, ports, source) in GROUPS.items():
        made[name] = backend.create_security_group(name, description, tags={"team": "platform"})
        for port in ports:
            backend.authorize_security_group_ingress(made[name].id, "tcp", port, port, [{"CidrIp": source}])
    return made
