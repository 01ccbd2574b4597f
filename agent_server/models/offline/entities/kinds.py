"""Kinds of resources by the words people use, and by the form of ids."""

import re
from collections.abc import Iterator
from fnmatch import fnmatchcase

from agent_server.contract.intent import Scope
from agent_server.contract.types import resource_types, specific
from agent_server.models.offline.tokens import Reading, Span, Token
from agent_server.models.offline.view import rule
from agent_server.models.offline.words import kinds as book

Kind = tuple[Scope, str]

_IDS: tuple[tuple[re.Pattern[str], Scope, str], ...] = tuple(
    (re.compile(form), cloud, kind)
    for form, cloud, kind in (
        (r"i-[0-9a-z]+", Scope.AWS, "ec2::instance"),
        (r"vol-[0-9a-z][\w-]*", Scope.AWS, "ec2::volume"),
        (r"snap-[0-9a-z][\w-]*", Scope.AWS, "ec2::snapshot"),
        (r"ami-[0-9a-z][\w-]*", Scope.AWS, "ec2::ami"),
        (r"sg-[0-9a-z][\w-]*", Scope.AWS, "ec2::security_group"),
        (r"vpc-[0-9a-z][\w-]*", Scope.AWS, "vpc::vpc"),
        (r"subnet-(?:[0-9a-f]{2,}|p\d+)", Scope.AWS, "vpc::subnet"),
        (r"nat-(?:[0-9a-f]{4,}|p\d+)", Scope.AWS, "vpc::nat_gateway"),
        (r"igw-[0-9a-z]+", Scope.AWS, "vpc::internet_gateway"),
        (r"vpce-[0-9a-z]+", Scope.AWS, "vpc::endpoint"),
        (r"rtb-[0-9a-z]+", Scope.AWS, "vpc::route_table"),
        (r"eni-[0-9a-z]+", Scope.AWS, "ec2::network_interface"),
        (r"eipalloc-[0-9a-z]+", Scope.AWS, "ec2::elastic_ip"),
        (r"lt-(?:[0-9a-f]{6,}|p\d+)", Scope.AWS, "ec2::launch_template"),
        (r"fs-(?:[0-9a-f]{4,}|p\d+)", Scope.AWS, "efs::filesystem"),
        (r"(?:akia|asia)[0-9a-z]{4,}", Scope.AWS, "iam::access_key"),
        (r"s3:.*", Scope.AWS, "s3::bucket"),
        (r"gs:.*", Scope.GCP, "storage::bucket"),
        (r"nsg-[\w-]+", Scope.AZURE, "network::nsg"),
        (r"rg-[\w.-]+", Scope.AZURE, "resources::resourcegroup"),
        (r"https://[\w-]+\.(?:blob|file|dfs)\.core\.windows\.net.*", Scope.AZURE, "storage::account"),
        (r"[\w-]+@[\w-]+\.iam\.gserviceaccount\.com", Scope.GCP, "iam::serviceaccount"),
        (r".*/instances/[^/]+", Scope.GCP, "compute::instance"),
    )
)
_EVERYTHING = rule(
    r"(?:what(?= runs)|what(?: is| 's| are)?|whats|all (?:that|what)(?: is)?)(?= (?:running|runs|idle|public|exposed|"
    r"stopped|deployed|untagged|unused|unencrypted|publicly)\b)|"
    r"(?:everything|anything|all resources|all of it|it all|the lot|"
    r"whole (?:environment|account|estate))(?! (?:ok|okay|fine|alright|good|above|you|i|we|went|was|before|so|works|"
    r"working|wrong|else|looks?|up there|that happened)\b)"
)
_UNDECIDED = {"aks::nodepool": "k8s::node", "dynamodb::table": "any::database"}
_PREPOSITIONS = frozenset({"in", "from", "on", "of", "behind", "to", "for", "with", "using", "into", "under", "inside", "within", "per", "by", "attached", "onto", "at", "as", "against"})  # fmt: skip
_DETERMINERS = frozenset(
    {
        "public",
        "private",
        "same",
        "default",
        "other",
        "another",
        "new",
        "old",
        "dev",
        "prod",
        "staging",
        "the",
        "a",
        "an",
        "my",
        "our",
        "this",
        "that",
        "any",
        "its",
        "their",
        "all",
        "every",
        "each",
    }
)


def id_kind(token: Token) -> Kind | None:
    """Return the cloud and type that a token's form tells, type empty where it does not; None when it is no id."""
    low = token.raw.lower()
    if low.startswith("arn:"):
        return Scope.AWS, _of_arn(token.raw)
    if low.startswith("arn-p"):
        return Scope.AWS, ""
    if low.startswith("/subscriptions/"):
        return Scope.AZURE, _of_arm(low)
    if token.quoted and " " in token.raw:
        return None
    return next(((cloud, kind) for form, cloud, kind in _IDS if form.fullmatch(low)), None)


def _of_arn(arn: str) -> str:
    if re.match(r"arn:aws[\w-]*:ec2:.*:(instance|volume|snapshot|image|security-group)/", arn):
        names = {"instance": "ec2::instance", "volume": "ec2::volume", "snapshot": "ec2::snapshot", "image": "ec2::ami"}
        return names.get(arn.rsplit(":", 1)[-1].split("/", maxsplit=1)[0], "ec2::security_group")
    fitting = [row for row in resource_types() if row.id_form.startswith("arn:") and fnmatchcase(arn, row.id_form)]
    return max(fitting, key=lambda row: len(row.id_form)).type if fitting else ""


def _of_arm(path: str) -> str:
    provider = path.rpartition("/providers/")[2]
    for row in resource_types():
        if row.cloud is Scope.AZURE and row.id_form and provider.startswith(row.id_form.lower() + "/"):
            return row.type
    return "resources::resourcegroup" if "/resourcegroups/" in path and not provider else ""


def kinds(reading: Reading, taken: frozenset[int]) -> Iterator[Span]:
    """Yield kinds that are said; the value is a tuple of (cloud, type), more than one where clouds share a word."""
    at = 0
    while at < len(reading):
        hit = None if at in taken else book().at(reading, at)
        if hit and taken.isdisjoint(range(at, at + hit[0])) and not _is_other_word(reading, at, hit[0]):
            length, found, _ = hit
            yield Span(
                at,
                at + length,
                "kind",
                tuple((Scope(cloud), kind) for cloud, _, kind in (one.partition("/") for one in found)),
            )
            at += length
        else:
            at += 1


def _is_other_word(reading: Reading, at: int, length: int) -> bool:
    """Some kind words are other words in places: "the user said", "any thing else", "stack overflow"."""
    word, after, before = reading.low(at), reading.low(at + length), reading.low(at - 1)
    if word == "ip" or (word == "ips" and before in {"free", "private", "source"}):
        return True
    if length > 1:
        return (
            reading.low(at) == "public"
            and before in {"with", "without", "a", "has", "have", "no", "any"}
            and after != "address"
        )
    if word in {"db", "database", "vm", "user"} and after in {"password", "passwords", "credentials", "creds", "login"}:
        return True
    if word in {"host", "hosts"} and before in {"unhealthy", "healthy"}:
        return True
    if word == "network" and after in {"traffic", "in", "out", "usage", "in/out", "throughput", "bandwidth", "latency"}:
        return True
    if word == "disk" and after in {"usage", "space", "utilization", "utilisation", "io", "iops", "throughput"}:
        return True
    if word == "queue" and after in {"depth", "length", "size"}:
        return True
    if word in {"user", "users"}:
        return after in {"asked", "said", "complained", "error"} or before in {"end", "our", "some"}
    return word in {"things", "thing", "stuff"} and before not in {"all", "every", "our", "my", "these", "those", "any"}


def resolved(found: tuple[Kind, ...], clouds: tuple[Scope, ...]) -> str:
    """Return the type a kind word means, given the clouds of the message; generic when none or several are meant."""
    cloud, kind = found[0]
    if len(found) > 1:
        return next((kind for cloud, kind in found if clouds == (cloud,)), _UNDECIDED.get(kind, "any::resource"))
    if cloud is Scope.ANY and len(clouds) == 1:
        return specific(kind, clouds[0])
    return kind


def is_context(reading: Reading, span: Span, earlier: list[Span]) -> bool:
    """Whether a later kind only says where or with what: "snapshots of the volume", "the secret in key vault kv-1"."""
    if not earlier:
        return False
    at = span.first - 1
    while at >= 0 and (
        reading.low(at) in _DETERMINERS
        or (at > earlier[-1].last and reading.tokens[at].low in {"azure", "aws", "gcp", "dev", "prod", "staging"})
    ):
        at -= 1
    return reading.low(at) in _PREPOSITIONS


def everything(reading: Reading) -> Iterator[Span]:
    """Yield words for all there is: "everything", "what is running"."""
    for _, first, last in reading.find(_EVERYTHING):
        yield Span(first, last, "everything", value=True)
