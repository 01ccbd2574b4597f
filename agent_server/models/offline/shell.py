"""Commands of the clouds' own tools, pasted instead of said: "kubectl rollout undo deploy/checkout -n shop".

They are never run. What they would do is read like words, so that the same plan, the same checks and the same approval follow.
"""

import re
from collections.abc import Iterator, Sequence
from functools import cache

from agent_server.contract.intent import Scope
from agent_server.models.offline.tokens import Reading, Span
from agent_server.models.offline.words import rows

TOOLS = r"(?:aws|az|gcloud|kubectl|oc|gsutil|helm|terraform|tofu|pulumi|bq)"
_QUOTED = re.compile(rf"`+(?:\w*\n)?\s*((?:sudo )?{TOOLS} [^`]{{2,300}}?)\s*`+")
_SENTENCE = re.compile(r'"([^"\n]*\b(?:and|then|all|on|the|now|to)\b[^"\n]*\s[^"\n]*\s[^"\n]*\s[^"\n]*)"')
_CLOUD_NAMES = frozenset({"aws", "az", "gcloud"})
_SYNTAX = re.compile(
    r"(?<!\S)(?:--?[a-z]|s3(?:api)? (?:r[mb]|mb|cp|mv|sync)\b|"
    r"(?:delete|terminate|stop|start|reboot|modify|authorize|put|create|remove|attach|detach|schedule)-[a-z]+-[a-z]+)"
)
_SUBCOMMAND = re.compile(
    r"(?:delete|describe|list|get|terminate|stop|start|reboot|modify|authorize|put|create|remove|add|attach|detach|"
    r"schedule|run|set|update)-[a-z]+(?:-[a-z]+)*"
)
_RELEASES = frozenset({"uninstall", "delete", "upgrade", "install", "rollback"})
_END = frozenset({";", "|", "&", "&&", "\n", "}", ")"})
_MOST_WORDS = 30
_CLOUD = {"gsutil": Scope.GCP, "bq": Scope.GCP}
_FLAGS = {
    "-n": "name", "--name": "name", "-g": "resource_group", "--resource-group": "resource_group", "--namespace": "namespace", "--project": "project", "--subscription": "subscription", "--cluster": "cluster",
}  # fmt: skip
_IN_KUBERNETES = frozenset({"kubectl", "oc", "helm"})
_OBJECT = re.compile(r"(?P<kind>[a-z]+)/(?P<name>[\w.-]+)")
_KINDS = {
    "deploy": "k8s::deployment", "deployment": "k8s::deployment", "deployments": "k8s::deployment", "po": "k8s::pod", "pod": "k8s::pod", "pods": "k8s::pod", "node": "k8s::node", "nodes": "k8s::node", "no": "k8s::node",
}  # fmt: skip


def unquoted(text: str) -> str:
    """Return a text in which commands between backticks and sentences between quotes stand free, as words that can be read."""
    free = _QUOTED.sub(r" \1 ; ", text) if "`" in text else text
    return _SENTENCE.sub(r" \1 ", free) if '"' in free else free


@cache
def _book() -> tuple[tuple[re.Pattern[str], re.Pattern[str], str], ...]:
    return tuple(
        (
            re.compile(rf"(?:{tools})"),
            re.compile(
                r"(?:\S+ ){0,4}?(?<!\S)"
                + words.replace("… ", r"(?:.*?[\s-])?(?:--)?").replace(" …", r".*?")
                + r"(?![a-z]*ed\b)"
            ),
            base,
        )
        for tools, words, base in rows("commands.tsv")
    )


def commands(reading: Reading) -> Iterator[tuple[int, int, str]]:
    """Yield pasted commands: the first token, the token after the last, and the tool."""
    at = 0
    while at < len(reading):
        tool = reading.low(at)
        if not re.fullmatch(TOOLS, tool) or not re.fullmatch(r"[a-z][a-z0-9-]+", reading.low(at + 1)):
            at += 1
            continue
        end = at + 1
        while end < min(len(reading), at + _MOST_WORDS) and reading.low(end) not in _END:
            end += 1
        if tool not in _CLOUD_NAMES or _SYNTAX.search(reading.words(at + 1, end)):
            yield at, end, tool
        at = end


def command_verbs(reading: Reading) -> Iterator[tuple[Span, range]]:
    """Yield what pasted commands would do, as verbs, each with the tokens that say so."""
    for first, last, tool in commands(reading):
        words = reading.words(first + 1, last)
        for tools, pattern, base in _book():
            found = pattern.match(words) if tools.fullmatch(tool) else None
            if found:
                end = first + 1 + len(found[0].split())
                yield Span(end - 1, end, "verb", base), range(first, end)
                break


def command_facts(reading: Reading, taken: frozenset[int]) -> Iterator[Span]:
    """Yield what the flags and objects of pasted commands name."""
    for first, last, tool in commands(reading):
        if tool in _CLOUD:
            yield Span(first, first + 1, "cloud", (_CLOUD[tool],))
        for index in range(first + 1, last):
            if _SUBCOMMAND.fullmatch(reading.low(index)):
                yield Span(index, index + 1, "order", "")
        yield from _flags(reading, range(first + 1, last), tool, taken)
        if tool == "helm" and reading.low(first + 1) in _RELEASES and first + 2 < last:
            yield Span(first + 2, first + 3, "name", reading.tokens[first + 2].raw)
        if tool in _IN_KUBERNETES:
            yield from _objects(reading, range(first + 1, last), taken)


def _flags(reading: Reading, tokens: Sequence[int], tool: str, taken: frozenset[int]) -> Iterator[Span]:
    for index in tokens:
        key = _FLAGS.get(reading.low(index))
        if key == "name" and tool in _IN_KUBERNETES:
            key = "namespace"
        if key is None or index + 1 not in tokens or {index, index + 1} & taken:
            continue
        value = reading.tokens[index + 1].raw
        if key == "name":
            yield Span(index + 1, index + 2, key, value)
        else:
            yield Span(index, index + 2, "container", (key, value, "in"))


def _objects(reading: Reading, tokens: Sequence[int], taken: frozenset[int]) -> Iterator[Span]:
    for index in tokens:
        found = _OBJECT.fullmatch(reading.low(index))
        if found and index not in taken and found["kind"] in _KINDS:
            yield Span(index, index + 1, "name", reading.tokens[index].raw.partition("/")[2])
            yield Span(index, index + 1, "kind", ((Scope.ANY, _KINDS[found["kind"]]),))
