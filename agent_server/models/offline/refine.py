"""From a verb and its object to an action of the schema."""

import re

from agent_server.contract.intent import Action

_TAGS = re.compile(r"\b(?:tags?|labels?)\b")
_ACCESS = re.compile(
    r"\b(?:ports?|rules?|ingress|inbound|egress|access|ssh|rdp|https?|\d+\.\d+\.\d+\.\d+(?:/\d+)?|traffic|cidr|ips?|world|internet)\b"
)
_PUBLIC = re.compile(r"\bpublic(?:ly)?\b|\bworld[ -]readable|\banonymous|\beveryone|\ballusers|\binternet\b|\bworld\b")
_BUCKET = re.compile(r"\b(?:buckets?|storage accounts?|containers?|blobs?|s3|gcs|snapshots?|amis?|images?|datasets?)\b")
_FIREWALL = re.compile(r"\b(?:security groups?|sgs?|nsgs?|firewalls?|firewall rules?|sg-\S+|nsg-\S+|rules?|ports?)\b")
_ROLE = re.compile(
    r"\b(?:roles?|access|permissions?|rights?|owner|contributor|reader|admin(?:istrator)?|editor|viewer|policy|privileges?|group)\b"
)
_COUNT = re.compile(
    r"\b(?:replicas?|nodes?|desired|capacity|min(?:imum)?|max(?:imum)?|count|instances to|copies|workers?|tasks?|"
    r"pods|pool|asg|scaling group|autoscaling|number of|nodepool)\b"
)
_SIZE = re.compile(
    r"\b(?:instance type|instance class|machine type|vm size|size|sku|gb|tb|gib|storage|capacity|disk|volume|type|"
    r"class|memory|\d+(?:gb|tb|g|gib)|tier)\b|\b(?:[a-z]\d\w*\.\w*(?:large|micro|small|medium|metal|nano)|"
    r"standard_\w+|[a-z]\d\w*-(?:standard|highmem|highcpu|medium|small|micro)\S*)(?!\S)"
)
_SNAPSHOT_NOUN = re.compile(
    r"^(?:an? |the |another |new )*(?:\S+ )?(?:snapshots?|backups?)\b(?! (?:policy|vault|plan|schedule))"
)
_DEPLOYMENT = re.compile(r"\b(?:stack|template|manifest|chart|bicep|terraform|release)\b")
_PATCHES = re.compile(r"\b(?:patch(?:es)?|updates?|hotfix|security fixes|packages?|os|kernel|agents?|software)\b")
_FEATURE = re.compile(
    r"\b(?:versioning|protection|encryption|logging|logs?|monitoring|backups?|mfa|rotation|autoscaling|auto-?scaling|"
    r"replication|lifecycle|https|multi-?az|insights|endpoint|cdn|ha|upgrades?|repair|pitr|recovery|soft.delete|"
    r"policy|trail|cloudtrail|access|alarms?|rules?|features?|flow|metrics|defender|guardduty|imdsv2|ttl|ssl|tls|nat|"
    r"function|key|keys|user|users|account|schedule|waf|firewall|autoscaler|shutdown|ssh|identity)\b"
)
_SAFEGUARD = re.compile(
    r"^(?:the |all |any |that |its )*(?:\S+ )??(?:versioning|encryption|logging|monitoring|mfa|replication|waf|"
    r"(?:deletion|termination|delete|purge) protection|soft[ -]delete|flow logs|"
    r"key rotation)(?: at rest)?(?= (?:on|of|for|from|in|off|completely|please)\b|$)"
)
_PUBLIC_BLOCK = re.compile(
    r"\b(?:public access (?:block|prevention|restrictions?)|block(?:ing)? (?:of )?public access)\b"
)
_KEYS = re.compile(r"\b(?:keys?|secrets?|passwords?|credentials?|certs?|certificates?|tokens?|akia\w+)\b")
_REPLICA = re.compile(r"\b(?:replica|standby|secondary|slave)\b")
_NEW = re.compile(r"^(?:me |us )?(?:an?|another|new|one|two|three|\d+|some)\b")
_LIFECYCLE = re.compile(
    r"^(?:the |all |old |any |every )*(?:objects?|files?|blobs?|logs?|data|versions|noncurrent versions|entries|"
    r"items)\b.* after (?:\d+|a|one|two|three)"
)
_PRIVATE = re.compile(r"\b(?:private|non-public|not public|internal only)\b")

Rule = tuple[re.Pattern[str] | None, Action]

_RULES: dict[str, tuple[Rule, ...]] = {
    "turn_on": ((re.compile(r"\b(?:public access block|block public access)\b"), Action.MAKE_PRIVATE), (re.compile(r"\bpublic\b"), Action.MAKE_PUBLIC), (_FEATURE, Action.ENABLE), (None, Action.START)),
    "turn_off": ((re.compile(r"\b(?:public access block|block public access)\b"), Action.MAKE_PUBLIC), (re.compile(r"\bpublic (?:access|network|read)"), Action.MAKE_PRIVATE), (_FEATURE, Action.DISABLE), (None, Action.STOP)),
    "enable": ((re.compile(r"\b(?:public access block|block public access)\b"), Action.MAKE_PRIVATE), (re.compile(r"\b(?:public (?:access|read|network)|anonymous)"), Action.MAKE_PUBLIC), (None, Action.ENABLE)),
    "disable": ((re.compile(r"\b(?:public access block|block public access|public access prevention)\b"), Action.MAKE_PUBLIC), (re.compile(r"\b(?:public (?:access|read|network)|anonymous)"), Action.MAKE_PRIVATE), (None, Action.DISABLE)),
    "resume": ((None, Action.START),),
    "pause": ((None, Action.STOP),),
    "spin_down": ((re.compile(r"\bto (?:\d+|zero|one|two)\b|\basg\b|scaling group"), Action.SCALE), (None, Action.STOP)),
    "stop": ((re.compile(r"^(?:sharing|exposing|publishing)\b"), Action.MAKE_PRIVATE), (re.compile(r"^(?:logging|versioning|replicating|encrypting|monitoring|backing up)\b"), Action.DISABLE), (None, Action.STOP)),
    "spin_up": ((_NEW, Action.CREATE), (None, Action.START)),
    "remove": ((_TAGS, Action.UNTAG), (_PUBLIC_BLOCK, Action.MAKE_PUBLIC), (_SAFEGUARD, Action.DISABLE), (re.compile(r"\b(?:public access|public)\b(?!.*\bip\b)"), Action.MAKE_PRIVATE), (re.compile(
        r"\b(?:ports?|(?<!forwarding )(?<!lifecycle )(?<!firewall )rule|ingress|inbound|access|"
        r"\d+\.\d+\.\d+\.\d+/\d+)\b(?!.*\bkeys?\b)"
    ), Action.REVOKE_ACCESS), (re.compile(
        r"\b(?:permissions?|role (?:from|for)|rights|admin from|from group|"
        r"from (?:the )?(?:admins?|administrators?|owners?|contributors?|editors?))\b"
    ), Action.REVOKE_ACCESS), (re.compile(
        r"\b(?:deletion|termination|delete) protection\b|\bpublic ip\b|"
        r"\b(?:resource|delete|management|read-only) lock\b|\block (?:on|from)\b"
    ), Action.DISABLE), (None, Action.DELETE)),
    "delete": ((_PUBLIC_BLOCK, Action.MAKE_PUBLIC), (_SAFEGUARD, Action.DISABLE), (_LIFECYCLE, Action.MODIFY), (re.compile(r"^(?:the |all |all the |any |that )*(?:\S+ ){0,2}tags?\b(?! team)"), Action.UNTAG), (re.compile(r"^(?:the |that |its )?(?:\S+ ){0,2}(?:(?:ingress|inbound|port(?: \d+)?) )rule\b"), Action.REVOKE_ACCESS), (None, Action.DELETE)),
    "disconnect": ((None, Action.DETACH),),
    "make": ((_PRIVATE, Action.MAKE_PRIVATE), (_PUBLIC, Action.MAKE_PUBLIC), (re.compile(
        r"\b\d+ ?(?:gb|tb|gib)\b|\b(?:bigger|larger|smaller)\b|"
        r"\ban? (?:[a-z]\d\w*\.\w+|standard_\w+|[a-z]\d\w*-(?:standard|highmem|highcpu)\S*)"
    ), Action.RESIZE), (_NEW, Action.CREATE), (re.compile(r"\b(?:super ?)?admin\w*\b|\bowner\b|\broot\b|\bsuperuser\b|\bgod\b"), Action.GRANT), (None, Action.MODIFY)),
    "bump": ((re.compile(r"\bretention\b"), Action.MODIFY), (_COUNT, Action.SCALE), (_SIZE, Action.RESIZE), (re.compile(r"\bto \d+(?!\S)"), Action.SCALE), (None, Action.MODIFY)),
    "change": ((re.compile(r"\b(?:tls|ssl)\b"), Action.MODIFY), (_TAGS, Action.TAG), (_PRIVATE, Action.MAKE_PRIVATE), (re.compile(r"\bto public\b"), Action.MAKE_PUBLIC), (re.compile(
        r"\b(?:min(?:imum)?|max(?:imum)?|desired|replicas?|node count|capacity to|count to|instance count|"
        r"pool size)\b"
    ), Action.SCALE), (_SIZE, Action.RESIZE), (re.compile(r"\b(?:packages?|os updates?|operating system)\b"), Action.PATCH), (None, Action.MODIFY)),
    "upgrade": ((re.compile(r"\bos\b|packages|kernel"), Action.PATCH), (re.compile(
        r"\b(?:[a-z]\d\w*\.\w*(?:large|micro|small|medium|metal)|standard_\w+|"
        r"[a-z]\d\w*-(?:standard|highmem|highcpu)\S*|instance type|bigger|larger|size)"
    ), Action.RESIZE), (None, Action.MODIFY)),
    "expose": ((re.compile(r"\b(?:ports?|\d{2,5}|ssh|rdp|sg-\S+|nsg-\S+|security group|nsg|firewall)\b"), Action.ALLOW_ACCESS), (None, Action.MAKE_PUBLIC)),
    "open": ((_FIREWALL, Action.ALLOW_ACCESS), (re.compile(r"\b\d{2,5}\b|\bssh\b|\brdp\b|\bhttps?\b"), Action.ALLOW_ACCESS), (_BUCKET, Action.MAKE_PUBLIC), (None, Action.ALLOW_ACCESS)),
    "close": ((None, Action.REVOKE_ACCESS),),
    "allow": ((re.compile(r"\bpublic (?:access|read)|\banonymous\b|\b(?:anyone|everyone|public) to (?:read|access|download|see)"), Action.MAKE_PUBLIC), (None, Action.ALLOW_ACCESS)),
    "block": ((re.compile(r"\bpublic\b|\banonymous\b"), Action.MAKE_PRIVATE), (_BUCKET, Action.MAKE_PRIVATE), (None, Action.REVOKE_ACCESS)),
    "lock_down": ((_FIREWALL, Action.REVOKE_ACCESS), (None, Action.MAKE_PRIVATE)),
    "revoke": ((re.compile(r"\bpublic (?:access|read)|\banonymous"), Action.MAKE_PRIVATE), (None, Action.REVOKE_ACCESS)),
    "grant": ((re.compile(r"\ball(?:authenticated)?users\b"), Action.MAKE_PUBLIC), (re.compile(r"\b(?:eip|elastic ip|ip|policy to the bucket)\b"), Action.MODIFY), (_TAGS, Action.TAG), (None, Action.GRANT)),
    "give": ((re.compile(
        r"\b(?:permission|permissions|role|rights|access|owner|contributor|reader|admin(?:istrator)?|editor|viewer|"
        r"superadmin|root)\b"
    ), Action.GRANT), (re.compile(r"\btags?\b"), Action.TAG), (re.compile(r"\b(?:more|bigger|\d+ ?[gmt]b)\b"), Action.RESIZE), (None, Action.GRANT)),
    "promote": ((_REPLICA, Action.FAILOVER), (re.compile(r"\badmin|\bowner|\brole"), Action.GRANT), (None, Action.DEPLOY)),
    "add": ((re.compile(r"\b(?:lifecycle|expiry|expiration)\b"), Action.MODIFY), (re.compile(r"\b(?:tags?|labels?)\b|(?:^|\s)[a-z][\w-]*=\S+"), Action.TAG), (re.compile(r"\b(?:inbound|ingress|egress|firewall rule|port|rule (?:to|for|allowing)|\d+\.\d+\.\d+\.\d+(?:/\d+)?)\b"), Action.ALLOW_ACCESS), (re.compile(
        r"\b(?:role|permissions?|user \S+ to|to group|as (?:owner|admin|contributor|reader|editor|viewer)|"
        r"to the \S+ group|to (?:the )?(?:\S+ )?(?:admins?|owners?|administrators?|contributors?))\b"
    ), Action.GRANT), (re.compile(r"\b\w+ (?:more )?(?:nodes?|replicas?|instances? to|pods?|workers?)\b"), Action.SCALE), (re.compile(r"^(?:an?|another|new)\b.*\b(?:disk|volume)\b"), Action.CREATE), (re.compile(r"\b\d+ ?(?:gb|tb)\b"), Action.RESIZE), (re.compile(r"\b(?:deletion|termination) protection|versioning|encryption\b"), Action.ENABLE), (None, Action.CREATE)),
    "apply": ((re.compile(r"\btags?\b"), Action.TAG), (re.compile(r"\b(?:lifecycle|policy|rule|setting)\b"), Action.MODIFY), (_PATCHES, Action.PATCH), (None, Action.DEPLOY)),
    "create": ((_SNAPSHOT_NOUN, Action.SNAPSHOT), (re.compile(
        r"^(?:an? |the |new )*(?:\S+ )?(?:inbound|ingress|egress) rule|"
        r"^(?:an? |the |new )*rule (?:to allow|allowing|that allows)"
    ), Action.ALLOW_ACCESS), (None, Action.CREATE)),
    "scale": ((None, Action.SCALE),),
    "resize": ((re.compile(
        r"^(?:the )?(?:\S+ ){0,4}?(?:asg|auto ?scaling group|(?:node ?)?pool|nodegroup|deployment|"
        r"replicas)\b.* (?:to|by) (?:\d+|zero|one|two|three)(?! ?(?:gb|tb))"
    ), Action.SCALE), (None, Action.RESIZE)),
    "attach": ((re.compile(r"\b(?:polic(?:y|ies)|roles?|permissions?|rights|admin\w*|poweruser\w*|\w+access)\b"), Action.GRANT), (None, Action.MODIFY)),
    "loosen": ((_FIREWALL, Action.ALLOW_ACCESS), (re.compile(r"\b(?:locks?|protection)\b"), Action.DISABLE), (None, Action.MODIFY)),
    "reset": ((_KEYS, Action.ROTATE), (None, Action.RESTART)),
    "punch": ((None, Action.ALLOW_ACCESS),),
    "unlock": ((None, Action.DISABLE),),
    "put": ((_TAGS, Action.TAG), (re.compile(r"\b(?:owners?|admins?|administrators?|superusers?|contributors?|editors?)\b"), Action.GRANT), (_TAGS, Action.TAG), (_PRIVATE, Action.MAKE_PRIVATE), (_FEATURE, Action.ENABLE), (None, Action.MODIFY)),
    "rotate": ((None, Action.ROTATE),),
    "cycle": ((_KEYS, Action.ROTATE), (re.compile(r"\b(?:vms?|instances?|servers?|machines?|nodes?|box(?:es)?|pods?|services?|vmss|ec2|i-\w+)\b"), Action.RESTART), (None, Action.ROTATE)),
    "restore": ((None, Action.RESTORE),),
    "deploy": ((None, Action.DEPLOY),),
    "move": ((None, Action.MOVE),),
}  # fmt: skip


CHANGES = frozenset(
    Action(name)
    for name in [
        "start",
        "stop",
        "restart",
        "delete",
        "create",
        "resize",
        "scale",
        "tag",
        "untag",
        "snapshot",
        "restore",
        "detach",
        "enable",
        "disable",
        "encrypt",
        "rotate",
        "modify",
        "make_private",
        "make_public",
        "allow_access",
        "revoke_access",
        "grant",
        "deploy",
        "failover",
        "rollback",
        "drain",
        "patch",
        "move",
        "copy",
    ]
)


def refine(base: str, tail: str) -> Action:
    """Return the action of a verb.

    Args:
        base: The verb's base, as in `lexicon/verbs.tsv`.
        tail: The canonical words after it, to the end of its clause.
    """
    for pattern, action in _RULES.get(base, ()):
        if pattern is None or pattern.search(tail):
            return action
    return Action(base)
