"""What kind of thing a bare name is most likely: by its parts, else by what is done to it."""

import re
from collections.abc import Iterable

from agent_server.contract.intent import Action
from agent_server.models.offline.view import View

_PARTS = {
    "any::database": {"db", "sql", "mysql", "pg", "postgres", "postgresql", "mongo", "database", "maria", "mariadb", "oracle", "mssql", "rds"},
    "any::vm": {"vm", "web", "srv", "server", "box", "host", "bastion", "worker", "agent", "instance", "ec2", "gpu", "jump", "jumphost", "app", "api", "build", "runner", "ci", "jenkins", "gw", "node"},
    "any::bucket": {"bucket", "bkt", "s3", "gcs"},
    "any::loadbalancer": {"lb", "alb", "nlb", "elb", "loadbalancer"},
    "any::cache": {"redis", "cache", "memcached"},
    "any::queue": {"queue", "sqs"},
    "any::disk": {"disk", "vol", "volume"},
    "any::snapshot": {"snap", "snapshot"},
    "any::k8s_cluster": {"k8s", "aks", "eks", "gke", "cluster"},
    "any::network": {"vpc", "vnet", "network"},
    "any::certificate": {"cert", "certificate", "tls"},
}  # fmt: skip
_FIRST = (
    "any::database",
    "any::loadbalancer",
    "any::cache",
    "any::queue",
    "any::bucket",
    "any::disk",
    "any::snapshot",
    "any::k8s_cluster",
    "any::network",
    "any::certificate",
    "any::vm",
)
_BY_ACTION = {
    Action.START: "any::vm", Action.STOP: "any::vm", Action.RESTART: "any::vm", Action.RESIZE: "any::vm", Action.PATCH: "any::vm", Action.FAILOVER: "any::database", Action.MAKE_PRIVATE: "any::bucket", Action.MAKE_PUBLIC: "any::bucket",
    Action.DRAIN: "k8s::node", Action.DELETE: "any::resource", Action.TAG: "any::resource", Action.UNTAG: "any::resource", Action.SNAPSHOT: "any::disk", Action.METRICS: "any::vm", Action.DESCRIBE: "any::resource", Action.AUDIT: "any::resource", Action.CHECK: "any::resource",
    Action.ENCRYPT: "any::resource", Action.MOVE: "any::resource", Action.COPY: "any::resource", Action.ENABLE: "any::resource", Action.DISABLE: "any::resource", Action.LOGS: "any::resource", Action.MODIFY: "any::resource", Action.RESTORE: "any::database", Action.LIST: "any::resource", Action.ALLOW_ACCESS: "any::firewall_rule", Action.REVOKE_ACCESS: "any::firewall_rule",
}  # fmt: skip
_MACHINE_EVENT = re.compile(
    r"\b(?:stopped|started|restarted|rebooted|shut down|running|down|up|unreachable|turned off|turned on|slow|ssh|"
    r"deallocated|resized|online|offline|alive)\b"
)


def type_of_names(names: Iterable[str]) -> str:
    """Return the generic type that the names' parts suggest, or nothing."""
    parts = {part.rstrip("0123456789") for name in names for part in re.split(r"[-_.0-9]+", name.lower())}
    return next((kind for kind in _FIRST if parts & _PARTS[kind]), "")


def type_of_action(action: Action, view: View) -> str:
    """Return the generic type that is usually meant when something with only a name is started, failed over and so on."""
    if action in {Action.AUDIT, Action.CHECK, Action.DESCRIBE} and _MACHINE_EVENT.search(view.line):
        return "any::vm"
    return _BY_ACTION.get(action, "")
