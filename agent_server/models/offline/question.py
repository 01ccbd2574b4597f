"""The one question that is asked back."""

from agent_server.contract.intent import Action, Intent, IntentKind

_NOUNS = {
    "any::vm": ("machine", "machines"), "ec2::instance": ("instance", "instances"), "compute::virtualmachine": ("VM", "VMs"), "compute::instance": ("instance", "instances"), "any::bucket": ("bucket", "buckets"), "s3::bucket": ("bucket", "buckets"), "storage::bucket": ("bucket", "buckets"),
    "storage::account": ("storage account", "storage accounts"), "any::database": ("database", "databases"), "rds::instance": ("database", "databases"), "sql::database": ("database", "databases"), "sql::instance": ("database", "databases"), "any::disk": ("disk", "disks"), "ec2::volume": ("volume", "volumes"),
    "any::snapshot": ("snapshot", "snapshots"), "ec2::security_group": ("security group", "security groups"), "any::k8s_cluster": ("cluster", "clusters"), "any::loadbalancer": ("load balancer", "load balancers"), "any::firewall_rule": ("firewall rule", "firewall rules"), "any::queue": ("queue", "queues"),
    "any::certificate": ("certificate", "certificates"), "any::user": ("user", "users"), "any::resource": ("resource", "resources"),
}  # fmt: skip
_VERBS = {
    Action.START: "start", Action.STOP: "stop", Action.RESTART: "restart", Action.DELETE: "delete", Action.RESIZE: "resize", Action.SCALE: "scale", Action.TAG: "tag", Action.UNTAG: "take the tag off", Action.SNAPSHOT: "snapshot", Action.RESTORE: "restore", Action.DETACH: "detach",
    Action.ENABLE: "switch that on for", Action.DISABLE: "switch that off for", Action.ENCRYPT: "encrypt", Action.ROTATE: "rotate", Action.MODIFY: "change", Action.MAKE_PRIVATE: "make private", Action.MAKE_PUBLIC: "make public", Action.ALLOW_ACCESS: "open that on", Action.REVOKE_ACCESS: "close that on", Action.GRANT: "give that access to",
    Action.FAILOVER: "fail over", Action.ROLLBACK: "roll back", Action.DRAIN: "drain", Action.PATCH: "patch", Action.MOVE: "move", Action.COPY: "copy", Action.DEPLOY: "deploy", Action.CREATE: "create",
}  # fmt: skip
_LOOKS = {
    Action.DESCRIBE: "tell you about",
    Action.METRICS: "show figures of",
    Action.LOGS: "show the logs of",
    Action.CHECK: "check",
    Action.LIST: "list",
    Action.AUDIT: "look up the history of",
    Action.COUNT: "count",
}
_EXAMPLE = "Name it, or say an environment, tag or region."
_HINT = "Name them, or say an environment, tag or region."


def question(intent: Intent) -> str:
    """Return one precise question for an intent that needs clarification."""
    match intent.intent:
        case IntentKind.PLAYBOOK:
            return (
                "What should recur, and for which resources?"
                if intent.action is Action.PLAYBOOK_SCHEDULE
                else "Which playbook do you mean?"
            )
        case IntentKind.ALERT:
            return (
                "What should I watch, and from which value on should I tell you?"
                if intent.action is Action.ALERT_CREATE
                else "Which alert do you mean?"
            )
        case IntentKind.QUERY:
            return f"Which {_plain(intent, plural=False)} should I {_LOOKS.get(intent.action, 'look at')}? {_EXAMPLE}"
        case _:
            verb = _VERBS.get(intent.action, "change")
            return f"Which {_plain(intent, plural=True)} should I {verb}? {_HINT}"


def _plain(intent: Intent, *, plural: bool) -> str:
    kind = intent.resource_types[0] if intent.resource_types else "any::resource"
    singular, many = _NOUNS.get(kind, ("", ""))
    if not singular:
        singular = kind.partition("::")[2].replace("_", " ")
        many = singular + "s"
    return many if plural else singular
