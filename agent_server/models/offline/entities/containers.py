"""Where things are kept: account, subscription, project, resource group, namespace, cluster, vault."""

import re
from collections.abc import Iterator

from agent_server.models.offline.tokens import Reading, Span

_WORDS = {
    "account": "account", "accounts": "account", "acct": "account", "subscription": "subscription", "subscriptions": "subscription", "sub": "subscription",
    "project": "project", "projects": "project", "resource group": "resource_group", "rg": "resource_group", "namespace": "namespace", "ns": "namespace",
    "cluster": "cluster", "key vault": "vault", "keyvault": "vault", "vault": "vault", "vpc": "vpc", "vnet": "vnet", "dataset": "dataset", "node pool": "nodepool", "pool": "nodepool", "nodepool": "nodepool",
}  # fmt: skip
_KIND = "|".join(sorted(_WORDS, key=len, reverse=True))
_NAME = (
    r"(?!(?:in|on|to|for|from|and|or|is|are|was|has|with|by|that|of|the|all|older|which|who|except|but|not|at|as|if|"
    r"when|last|this|,|;|\?|\.|:|=|manager|id|ids|owner|name|names|vms|keys|key|please|into|only|secrets|secret|cert|"
    r"certs|costs?|bill|spend|still|without|besides|apart|excluding|minus|outside|skip|save|leave|leaving|but|"
    r"sparing|alone|untouched|intact|aside|out|apart|running|though|excluded|up|down|set|used|using|every|per|each|"
    r"grew|grows|growing|rose|increased|spent|spends|spending|pays|account|usage|type|size|version|wide|connected|"
    r"s)(?!\S))[\w@./:-]+"
)
_AFTER = re.compile(
    rf"(?<!\S)(?P<prep>(?:in|from|of|under|for|on|to|within|inside|into|at|across|skip|except|excluding|only|and|,|"
    rf"owner on|pool) )?(?P<det>(?:the|my|our|prod|production|dev|staging|qa|test|aws|azure|gcp|gke|aks|eks|k8s|"
    rf"kubernetes|google|default) )*(?P<kind>{_KIND}) (?:named |called |id |= |: )?(?P<name>{_NAME})(?!\S)"
)
_BEFORE = re.compile(
    rf"(?<!\S)(?P<prep>(?:in|from|of|under|for|on|to|within|inside|into|across|skip|skipping|except|excluding|leave|"
    rf"leaving|out|ignore|ignoring|without|minus|not|touch|touching|counting|than|save|besides|barring|forget|but|"
    rf"spare|sparing|include|including|keep) )(?:the |my |"
    rf"our )?(?:(?:aws|azure|gcp|gke|aks|eks|k8s) )?(?P<name>(?!(?:the|all|every|each|any|both|"
    rf"(?:prod|production|dev|staging|qa|test|uat|sandbox)(?= (?:\S+ )?(?:cluster|pool))|which|what|this|that|these|"
    rf"those|my|our|aws|azure|gcp|gke|aks|eks|k8s|kubernetes|google|service|storage|same|resource|node|key|cosmos|"
    rf"empty|an?)(?!\S))[\w.-]+) (?:(?:aws|azure|gcp|gke|aks|eks|k8s|kubernetes) )?(?P<kind>{_KIND})(?!\S)(?! (?:key|"
    rf"keys|pool))"
)
_RESOURCE_GROUP = re.compile(
    r"(?<!\S)(?P<prep>(?:in|from|of|under|within|inside|across|for|on) )(?:the )?(?P<name>rg-[\w.-]+)(?!\S)"
)
_ACCOUNT_ID = re.compile(r"(?<!\S)(?P<name>\d{12})(?!\S)")
_STORAGE = frozenset(
    {"storage", "service", "cosmos", "cosmosdb", "db", "stor", "user", "iam", "batch", "automation", "billing"}
)


def containers(reading: Reading, taken: frozenset[int]) -> Iterator[Span]:
    """Yield containers; the value is (key, name as typed, the preposition that makes it a place rather than the object, or nothing)."""
    claimed = set(taken)
    for pattern in (_AFTER, _BEFORE):
        for match, *_ in reading.find(pattern):
            kind_at, kind_end = reading.token_range(match, "kind")
            name_at, name_end = reading.token_range(match, "name")
            covered = {*range(kind_at, kind_end), *range(name_at, name_end)}
            if covered & claimed or reading.low(kind_at - 1) in _STORAGE:
                continue
            if match["kind"] in {"cluster", "pool", "vpc", "dataset"} and not match["prep"]:
                continue
            claimed |= covered
            value = (_WORDS[match["kind"]], _literal(reading, name_at), (match["prep"] or "").strip())
            yield Span(min(covered), max(covered) + 1, "container", value)
    for match, *_ in reading.find(_RESOURCE_GROUP, frozenset()):
        first, last = reading.token_range(match, "name")
        if claimed.isdisjoint(range(first, last)):
            claimed.add(first)
            yield Span(first, last, "container", ("resource_group", reading.tokens[first].raw, match["prep"].strip()))
    for match, first, last in reading.find(_ACCOUNT_ID, frozenset(claimed)):
        yield Span(first, last, "container", ("account", match["name"], "in"))


def _literal(reading: Reading, index: int) -> str:
    return reading.tokens[index].raw
