"""Which question is asked about resources: list, count, describe, check, metrics, logs or audit."""

import re
from collections.abc import Iterator

from agent_server.contract.intent import Action
from agent_server.models.offline.shell import commands
from agent_server.models.offline.view import View, rule

_AUDIT = rule(
    r"(?:who|whom|by whom|which user|which person|whos|what user)(?: (?:has|have|was it that|just|last|the|the hell|"
    r"on earth|recently|actually))* (?:\S+ed|\S+ing|made|set|shut|put|took|spun|did|built|ran|brought|gave|touched|"
    r"broke|turned|switched|is responsible|wrote|opened)(?: .*)?|"
    r"(?:which|what) (?:\S+ ){1,4}?did (?:we|i|you|they|somebody|someone|anyone) (?:stop|delete|remove|terminate|"
    r"create|start|restart|change|resize|tag|open|close)(?: .*)?|"
    r"what (?:has |have )?(?:changed|happened|was changed|got changed|"
    r"was (?:deleted|created|modified|launched|stopped)|got (?:deleted|created|modified))(?: .*)?|"
    r"whats changed(?: .*)?|what 's changed(?: .*)?|"
    r"(?:audit (?:trail|log|logs|history)|activity(?: log)?|change ?log|change history|history|changes|"
    r"recent activity|cloudtrail events?|deletions|modifications)(?: (?:of|on|for|to|in|since|made|from|during|this|"
    r"last|today|yesterday|over|by))(?: .*)?|(?:list|show|any)(?: (?:me|all|the|recent))* (?:changes|activity|"
    r"activities|deletions)(?: .*)?|"
    r"when (?:was|were|did|has)(?: .*)?|(?:the )?last time(?: .*)?|"
    r"(?:was|were|did) (?:anyone|someone|somebody|anybody)(?: .*)?|"
    r"(?:was|were|got|has been) (?:anything|something|any \S+|some \S+) (?:deleted|stopped|changed|created|started|"
    r"restarted|removed|terminated|modified|opened|made)(?: .*)?|"
    r"(?:did|has) (?:anyone|someone|somebody|anybody)(?: .*)?"
)
_LOGS = rule(
    r"(?:logs?|log lines|log entries|log output|stack ?traces?|exceptions?|tail|stdout|stderr|error messages?)"
)
_NOT_LOGS = rule(
    r"log groups?|flow logs?|log bucket|logs? bucket|access logs? (?:enabled|on|off)|audit logs?|log sinks?|"
    r"(?:list|which|show)(?: \S+){0,3} logging|log analytics"
)
_ERRORS = rule(r"(?:errors|exceptions|warnings|failures) (?:for|in|from|of|on)(?! the last)(?: .*)?")
_COUNT = rule(
    r"how many|(?<!dont )(?<!not )count(?: of)?|(?<!not )(?<!without )counting|number of|headcount of|tally of|"
    r"total number|how much (?:vms|instances|buckets|servers)"
)
_CHECK_START = re.compile(
    r"^(?:(?:hey|hi|so|ok|please|and|quick question|escher|can you|could you|would you|pls|,|:) )*(?:is|are|was|were|"
    r"does|do(?! not\b)|did|has|have|isnt|arent|am|check|verify|confirm|validate|"
    r"can (?:i|we|anyone|anybody|everyone)|should|whether|would|will)\b|"
    r".*[,:] (?:is|are|does|do|has|have|was|were) (?:it|they|this|that|she|he)\b"
)
_CHECK_WORDS = rule(
    r"(?:check (?:if|whether|that)|tell me (?:if|whether)|let me know (?:if|whether)|see (?:if|whether)|"
    r"(?:status|health|state) of|verify|confirm|find out (?:if|whether)|status|up or down|make sure|double check|"
    r"health check|see if)(?: .*)?"
)
_ANY = re.compile(
    r"^(?:(?:hey|hi|so|ok|please|and) )*(?:do|does|are|is|"
    r"have)(?: (?:there|we|you|i))?(?: (?:still|have|got|has|see))* (?:any|some)\b|^(?:do|does) any\b|^are there\b|"
    r"^do (?:we|i) have (?!.*\b(?:enabled|on)\b)(?:any|\S+s\b)"
)
_LIST_WORDS = rule(
    r"(?:which|list|show|find|any|display|give me|all|what|enumerate|get|fetch|every|identify|top|see|inventory)"
)
_WHICH = re.compile(
    r"^(?:(?:hey|hi|so|ok|please|and|tell me|show me|,) )*(?:which|what|list|find|any|show me all|show all|all)\b"
)
_DESCRIBE = rule(
    r"(?:describe|details?(?: (?:of|on|for|about))?|info(?:rmation)? (?:on|about|for)|tell me (?:more )?about|"
    r"inspect|more about|specs? (?:of|for)|config(?:uration)? (?:of|for)|where is|wheres|where 's|why|whats up with|"
    r"what 's up with|what 's wrong with|what is wrong with|show me everything about|how big is|how old is|"
    r"how large is|summary of|overview of|describe)(?: .*)?"
)
_SERIES = rule(
    r"(?:over (?:the )?(?:last|past)|last|past|trend|graph|chart|plot|history of|average|avg|peak|max|p9\d|current|"
    r"how (?:high|busy|loaded|hot)|usage|utili[sz]ation|metrics?|look(?:s|ing)?|since|during|today|yesterday|"
    r"this)(?: .*)?"
)

ATTRIBUTES = {
    "instance type": "instance_type", "machine type": "instance_type", "vm size": "instance_type", "instance size": "instance_type", "instance class": "instance_type", "type": "type", "size": "size", "public ip": "public_ip", "private ip": "private_ip",
    "ip": "ip", "ip address": "ip", "address": "ip", "owner": "owner", "region": "region", "zone": "zone", "az": "zone", "engine version": "version", "version": "version", "engine": "engine", "tags": "tags", "labels": "tags", "os": "os", "creation date": "created_at", "age": "age",
    "uptime": "uptime", "launch time": "created_at", "vpc": "vpc", "subnet": "subnet", "subnets": "subnet", "security groups": "security_groups", "arn": "arn", "id": "id", "endpoint": "endpoint", "dns name": "dns_name", "hostname": "hostname", "sku": "sku", "tier": "tier", "runtime": "runtime",
    "backup retention": "backup_retention", "retention": "retention", "retention period": "retention", "storage class": "storage_class", "policy": "policy", "bucket policy": "policy", "image": "image", "ami": "ami", "node count": "node_count", "connection string": "connection_string", "cidr": "cidr", "account": "account", "memory limit": "memory_limit", "timeout": "timeout", "state": "state", "lifecycle policy": "lifecycle",
}  # fmt: skip
_ATTRIBUTE = "|".join(sorted(ATTRIBUTES, key=len, reverse=True))
_OF_THING = rule(
    rf"(?:'s|its) (?:current )?(?P<attribute>{_ATTRIBUTE})|"
    rf"(?:what|which)(?: is| are| 's)? (?:the )?(?:current |exact |actual )?(?P<what>{_ATTRIBUTE}) (?:of|for|does|is|"
    rf"has|are)(?: .*)?|(?:what|which) (?P<asked>{_ATTRIBUTE}) (?:she|he|it|they)(?: .*)?|"
    rf"(?:show|get|give me|tell me|find|whats)(?: me)? (?:the )?(?P<shown>{_ATTRIBUTE}) (?:of|for)(?: .*)?"
)
_READS = {"get": Action.LIST, "list": Action.LIST, "ls": Action.LIST, "describe": Action.DESCRIBE, "show": Action.DESCRIBE, "logs": Action.LOGS, "top": Action.METRICS}  # fmt: skip
_EVENTS = (
    (re.compile(r"\b(?:stopped|shut down|turned off|switched off|powered off|stop|deallocated)\b"), "stop"), (re.compile(r"\b(?:restarted|rebooted|bounced|restart)\b"), "restart"), (re.compile(r"\b(?:started|turned on|booted|powered on)\b"), "start"),
    (re.compile(r"\b(?:deleted|removed|pulled|terminated|killed|destroyed|nuked|dropped|deletions?|delete)\b"), "delete"), (re.compile(r"\bmade\b.*\bpublic\b|\bset\b.*\bpublic\b|\bpublished\b|\bexposed\b"), "make_public"), (re.compile(r"\bmade\b.*\bprivate\b"), "make_private"),
    (re.compile(r"\b(?:opened|allowed)\b"), "allow_access"), (re.compile(r"\b(?:closed|revoked|blocked)\b"), "revoke_access"), (re.compile(r"\b(?:created|launched|made|spun up|provisioned|built|added|deployed)\b"), "create"), (re.compile(r"\b(?:resized)\b"), "resize"), (re.compile(r"\b(?:scaled)\b"), "scale"),
    (re.compile(r"\b(?:tagged)\b"), "tag"), (re.compile(r"\b(?:disabled)\b"), "disable"), (re.compile(r"\b(?:enabled)\b"), "enable"), (re.compile(r"\b(?:granted|gave)\b"), "grant"), (re.compile(r"\b(?:rotated)\b"), "rotate"), (re.compile(r"\b(?:detached)\b"), "detach"), (re.compile(r"\b(?:rolled back)\b"), "rollback"),
    (re.compile(r"\b(?:create|launch)\b"), "create"), (re.compile(r"\b(?:changed|modified|edited|updated|touched|altered|touch|change|modify|edit)\b"), "modify"),
)  # fmt: skip


def question_action(view: View) -> Action:
    """Return which read-only action a message asks for."""
    if view.has(_AUDIT) and not (view.of("metric_threshold") or rule(r"expir\w*").search(view.line)):
        return Action.AUDIT
    pasted = next(_reads(view), None)
    if pasted:
        return pasted
    if view.has(_LOGS) and not view.has(_NOT_LOGS):
        return Action.LOGS
    if (
        _ERRORS.search(view.line)
        and {span.value for span in view.of("metric")} <= {"errors"}
        and view.of("name", "kind")
    ):
        return Action.LOGS
    if view.has(_COUNT) and not rule(r"count (?:on|me)").search(view.line):
        return Action.COUNT
    if view.of("metric") and not view.of("metric_threshold") and _is_about_figures(view):
        return Action.METRICS
    if rule(r"how (?:busy|loaded|hot|stressed|hard)").search(view.line):
        return Action.METRICS
    if _ANY.search(view.line):
        return Action.LIST
    if _CHECK_START.match(view.line) or (view.has(_CHECK_WORDS) and not _WHICH.match(view.line)):
        return Action.CHECK
    return _shown(view)


def _reads(view: View) -> Iterator[Action]:
    """Yield what pasted commands read; Amazon's "describe-instances" lists."""
    for first, last, _ in commands(view.reading):
        for word in view.reading.words(first, last).split():
            verb, hyphen, _ = word.partition("-")
            if verb in _READS:
                yield Action.LIST if hyphen and verb == "describe" else _READS[verb]


def attribute(view: View) -> str | None:
    """Return which single fact about a thing is wanted, if one is."""
    found = _OF_THING.search(view.line)
    if re.match(r"(?:where is|wheres|where 's)\b", view.line):
        return "region"
    return ATTRIBUTES[found["attribute"] or found["what"] or found["asked"] or found["shown"]] if found else None


def event(view: View) -> str | None:
    """Return what is asked to have been done, in an audit question that names it."""
    if not rule(
        r"(?:who|whom|whos|which (?:user|person)|(?:which|what) (?:\S+ ){1,4}?did (?:we|i|you|they)|when|last time|"
        r"by whom|anyone|someone|somebody|anybody|what (?:was|got)|deletions|list|show)(?: .*)?"
    ).search(view.line):
        return None
    return next((name for pattern, name in _EVENTS if pattern.search(view.line)), None)


def _is_about_figures(view: View) -> bool:
    """'CPU of web-1' wants figures; "which vms have high cpu" wants a list, "is memory encrypted" neither."""
    words = {view.reading.low(span.first) for span in view.of("metric")}
    if words <= {
        "storage",
        "network",
        "disk",
        "load",
        "usage",
        "traffic",
        "duration",
        "errors",
        "restarts",
        "lag",
        "cost",
        "connections",
    } and not view.has(_SERIES):
        return False
    return not (
        _WHICH.match(view.line) and rule(r"(?:which|list|find|any|all|show me all)(?: .*)?").match(view.line)
    ) or view.has(
        rule(
            r"(?:what is|what 's|whats|what)(?: the| my| our| was)* (?:\S+ )?(?:cpu|memory|latency|error rate|"
            r"queue depth|throughput|traffic|disk usage|usage|utilization)(?: .*)?"
        )
    )


def _shown(view: View) -> Action:
    names = [span for span in view.of("name") if span.value]
    kinds = view.of("kind")
    if attribute(view) and (names or not kinds):
        return Action.DESCRIBE
    if view.has(_DESCRIBE) and not (_WHICH.match(view.line) and not names and not view.has(rule(r"why(?: .*)?"))):
        return Action.DESCRIBE
    if view.of("about"):
        return Action.DESCRIBE
    plural = any(
        view.reading.low(kind.last - 1).endswith("s")
        and not view.reading.low(kind.last - 1).endswith(
            ("rds", "eks", "aks", "sqs", "ss", "kms", "sns", "gcs", "ecs", "redis", "postgres")
        )
        for kind in kinds
    )
    if (
        len(names) == 1
        and not plural
        and not view.of("target")
        and not rule(r"(?:in|inside|under|behind|with|using|attached to|of|on) (?:the )?\S+$").search(view.line)
    ):
        return Action.DESCRIBE
    return Action.LIST
