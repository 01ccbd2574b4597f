"""The look at a message: every pass in its order, each over the tokens that are still free."""

import re
from collections.abc import Iterable

from agent_server.agents.tampering import Attempt, Tampering, attempts, visible
from agent_server.contract.intent import Scope
from agent_server.models.offline.actions import is_question, particle_of, verbs
from agent_server.models.offline.entities.access import access
from agent_server.models.offline.entities.containers import containers
from agent_server.models.offline.entities.kinds import id_kind, kinds
from agent_server.models.offline.entities.metrics import metrics, thresholds
from agent_server.models.offline.entities.names import (
    beside_kinds,
    is_rare,
    literal,
    may_be_name,
    named,
    prefixes,
    shaped,
)
from agent_server.models.offline.entities.places import clouds, evidence, regions
from agent_server.models.offline.entities.sizes import engines, sizes
from agent_server.models.offline.entities.states import features, states
from agent_server.models.offline.entities.tags import environments, tags, tags_to_remove, tags_to_set
from agent_server.models.offline.entities.times import times
from agent_server.models.offline.refine import refine
from agent_server.models.offline.scope import excluded, inside, is_hands_off, negated
from agent_server.models.offline.spelling import repair
from agent_server.models.offline.tokens import Reading, Span, Token, split
from agent_server.models.offline.view import View, rule
from agent_server.models.offline.words import asking_words

_ABOUT = rule(
    r"(?:behind|running|serving|hosting|powering|responsible for|that (?:runs|serves|hosts|powers|handles|does)|which (?:runs|serves|hosts|powers|handles)|used (?:by|for)|backing|for running) (?:the |our |my )?(?P<topic>[a-z][\w-]*(?: (?:service|app|site|website|job|jobs|system|page|api))?)"
)
_EVERYTHING = rule(
    r"(?:what(?= runs)|what(?: is| 's| are)?|whats|all (?:that|what)(?: is)?)(?= (?:running|runs|idle|public|exposed|stopped|deployed|untagged|unused|unencrypted|publicly)\b)|(?:everything|anything|all resources|all of it|the lot|whole (?:environment|account|estate))(?! (?:ok|okay|fine|alright|good|above|you|i|we|went|was|before|so|works|working|wrong|else|looks?|up there|that happened)\b)"
)
_SEVERITY = rule(r"errors?|warnings?|critical|fatal")
_ROLE = rule(
    r"(?:(?:the|an?|as|to|with|give|grant|full) )?(?P<role>(?:[a-z]+ ){0,3}?(?:owner|contributor|reader|admin(?:istrator)?|editor|viewer|administratoraccess|poweruser|operator)(?: access)?|full access|read[- ]only(?: access)?|read access|write access|admin access|root access)(?: (?:role|rights|access|permissions?|policy))?(?= (?:to|on|in|for|role|rights|over|access)\b|$| ?[,.])"
)
_HOSTILE_NAME = re.compile(
    r"\b(?:named|called|vms?|instances?|buckets?|servers?|resources?|databases?|db|volumes?|disks?|machines?|hosts?|stop|start|restart|delete|reboot|describe|terminate|tag|show)\s+(?P<name><[@#!][^<>\s]{0,60}>\s*\S.*)$",
    re.IGNORECASE | re.DOTALL,
)
_OF_CLOUD = {
    "gke": Scope.GCP,
    "gcp": Scope.GCP,
    "google": Scope.GCP,
    "aks": Scope.AZURE,
    "azure": Scope.AZURE,
    "eks": Scope.AWS,
    "aws": Scope.AWS,
}
_POOLS = ((Scope.AZURE, "aks::nodepool"), (Scope.GCP, "gke::nodepool"))
_CHANNEL = re.compile(r"(?<![\w&])#[a-z][\w-]*")
_QUALIFIERS = frozenset(
    {
        "web",
        "payroll",
        "reporting",
        "checkout",
        "frontend",
        "backend",
        "billing",
        "analytics",
        "search",
        "api",
        "shop",
        "payment",
        "payments",
        "orders",
        "training",
        "batch",
        "build",
        "jenkins",
        "ci",
        "grafana",
        "monitoring",
        "marketing",
        "crm",
        "erp",
        "hr",
        "sap",
    }
)


def look(text: str) -> View:
    """Read a message. Talk about approvals that comes with no order is read as such: it may be about Escher's own settings."""
    text = visible(text)
    tried = list(attempts(text))
    view = _look(text, tried, tried)
    if view.verbs or all(one.attempt is not Attempt.BYPASS for one in tried):
        return view
    return _look(text, tried, [one for one in tried if one.attempt is not Attempt.BYPASS])


def _look(text: str, tried: list[Tampering], blanked: list[Tampering]) -> View:
    spelled = repair(_whole_names(split(_without(text, blanked))))
    reading = Reading.of(spelled)
    spans: list[Span] = []
    named_spans = [*named(reading), *prefixes(reading)]
    spans += named_spans
    fixed = _tokens(named_spans)
    timely = list(times(reading, fixed))
    spans += timely
    said = list(clouds(reading, fixed))
    placed = list(
        regions(reading, _tokens(spans), tuple(cloud for span in said if len(span.value) == 1 for cloud in span.value))
    )
    spans += placed
    switches = [
        span
        for span in features(reading, _tokens(spans))
        if span.last - span.first > 1 and reading.low(span.first) != "block"
    ]
    orders = list(verbs(reading, _tokens([*spans, *switches])))
    out = inside(excluded(reading, orders))
    back = negated(reading, orders)
    kept = [verb for verb in orders if verb.first not in out and verb.first not in back]
    spans += _claims(reading, orders)
    question = is_question(reading)
    spans += _described(reading, spans, kept, said, out)
    spans = _without_taken_back(reading, spans, orders, back, kept)
    hands_off = is_hands_off(reading) and not any(
        verb.last - verb.first and _is_after_hands_off(reading, verb) for verb in kept
    )
    return View(
        text=text, reading=reading, spans=tuple(spans), verbs=tuple(sorted(kept, key=lambda verb: verb.first)), excluded=out, question=question,
        hands_off=hands_off, tampering=bool(tried), extracting=any(one.attempt is Attempt.EXTRACT for one in tried),
    )  # fmt: skip


def _whole_names(tokens: tuple[Token, ...]) -> tuple[Token, ...]:
    """Make one token of a name that begins with chat markup: in "stop vm <!channel> …" all that follows is the name."""
    text = " ".join(token.raw for token in tokens)
    hostile = _HOSTILE_NAME.search(text)
    if not hostile:
        return tokens
    first = next(
        index
        for index, token in enumerate(tokens)
        if index and hostile["name"].startswith(token.raw) and token.raw.startswith("<")
    )
    raw = " ".join(token.raw for token in tokens[first:])
    return (*tokens[:first], Token(raw, raw.lower(), quoted=True))


def _without_taken_back(
    reading: Reading, spans: list[Span], orders: list[Span], back: frozenset[int], kept: list[Span]
) -> list[Span]:
    """Drop the object of a withdrawn order when the order that stands has one of its own: "no need to delete a, stop b"."""
    for verb in orders:
        later = [one for one in kept if one.first > verb.last]
        if verb.first not in back or not later:
            continue
        end = later[0].first
        own = any(span.first >= end and span.key in {"kind", "name", "container"} for span in spans)
        if own:
            spans = [
                span
                for span in spans
                if not (verb.first <= span.first < end and span.key in {"kind", "name", "container", "kind_id"})
            ]
    return spans


def _is_after_hands_off(reading: Reading, verb: Span) -> bool:
    """ "Don't delete anything, just stop web-1": the order comes after the prohibition, and is one."""
    before = " ".join(token.low for token in reading.tokens[: verb.first])
    return re.search(r"\b(?:dont|do not|never)\b.*(?:,|just|only|but|instead)", before) is not None


def _without(text: str, tried: Iterable[Tampering]) -> str:
    """Blank the words that try to get around the rules; what they smuggle in stays, and so does what is in a name."""
    chars = list(text)
    hostile = _HOSTILE_NAME.search(text)
    for attempt in tried:
        if hostile and attempt.start >= hostile.start("name"):
            continue
        words = text[attempt.start : attempt.end]
        if attempt.attempt is Attempt.EXTRACT or re.match(
            r"[\"'`;&|\s]*(?:az|aws|gcloud|kubectl|gsutil|drop|delete|--?y)", words.strip(" ;&|\"'`"), re.IGNORECASE
        ):
            separator = re.match(r"[\s\"'`]*[;&|]+", words)
            if separator:
                chars[attempt.start + separator.end() - 1] = ";"
            continue
        for index in range(attempt.start, attempt.end):
            if not chars[index].isspace():
                chars[index] = " "
        chars[attempt.start] = "."
    return "".join(chars)


def _tokens(spans: Iterable[Span]) -> frozenset[int]:
    return frozenset(index for span in spans for index in range(span.first, span.last))


def _claims(reading: Reading, orders: list[Span]) -> list[Span]:
    """Claim the tokens of verbs and their particles."""
    claims = [Span(verb.first, verb.last, "order", verb.value) for verb in orders]
    for verb in orders:
        claims += [Span(index, index + 1, "order", verb.value) for index in particle_of(reading, verb)]
    return claims


def _described(
    reading: Reading, before: list[Span], orders: list[Span], said: list[Span], out: frozenset[int]
) -> list[Span]:
    """Find everything that says which things are meant, or what is to become of them."""
    spans = list(before)
    bases = {refine(verb.value, " ".join(token.low for token in reading.tokens[verb.last :])).value for verb in orders}
    spans += [Span(found.start(), found.start(), "channel", found[0]) for found in ()]
    spans += _channels(reading, spans)
    spans += thresholds(reading, _tokens(spans))
    held = list(containers(reading, _tokens(spans)))
    spans += held
    spans += [
        Span(index, index + 1, "kind_id", (_OF_CLOUD[reading.low(index)], ""))
        for span in held
        for index in range(max(span.first - 1, 0), span.last)
        if reading.low(index) in _OF_CLOUD
    ]
    spans += [Span(span.first, span.first + 1, "kind", _POOLS) for span in held if span.value[0] == "nodepool"]
    if "untag" in bases:
        spans += tags_to_remove(reading, _tokens(spans))
    if "tag" in bases:
        spans += _tags_of_order(reading, spans, orders)
    spans += tags(reading, _tokens(spans))
    spans += access(reading, _tokens(spans))
    spans += sizes(reading, _tokens(spans))
    spans += features(reading, _tokens(spans))
    about = [span for span in _abouts(reading, _tokens(spans))]
    spans += about
    if "grant" in bases:
        spans += _roles(reading, spans)
    spans += evidence(reading, _tokens(spans))
    found = list(kinds(reading, _tokens(spans)))
    spans += found
    spans += states(reading, _tokens(spans))
    if (
        any(kind.startswith("iam::") for span in found for _, kind in span.value)
        or re.search(r"\b(?:gave|granted)\b", reading.line)
    ) and "grant" not in bases:
        spans += _roles(reading, spans)
    spans += [span for span in said if _tokens(spans).isdisjoint(range(span.first, span.last))]
    spans += environments(reading, _tokens(spans))
    spans += metrics(reading, _tokens([span for span in spans if span.key != "feature"]))
    spans += engines(reading)
    spans += _names(reading, spans, found, orders, out)
    spans += [
        Span(first, last, "severity", "error" if match[0].startswith("error") else match[0].rstrip("s"))
        for match, first, last in reading.find(_SEVERITY)
    ]
    spans += [Span(first, last, "everything", True) for _, first, last in reading.find(_EVERYTHING) if first not in out]
    return spans[len(before) :]


def _channels(reading: Reading, spans: list[Span]) -> list[Span]:
    taken = _tokens(spans)
    return [
        Span(index, index + 1, "channel", token.raw)
        for index, token in enumerate(reading.tokens)
        if index not in taken and _CHANNEL.fullmatch(token.low)
    ]


def _tags_of_order(reading: Reading, spans: list[Span], orders: list[Span]) -> list[Span]:
    """Tags to set stand after the verb; the last pair is set when a scope stands before it."""
    verb = next((one for one in orders if one.value in {"tag", "add", "change", "apply", "grant", "give"}), None)
    found = [span for span in tags_to_set(reading, _tokens(spans)) if verb is None or span.first >= verb.first]
    scoped = [
        span
        for span in found
        if reading.low(span.first) in {"tagged", "labelled", "labeled"}
        or reading.low(span.first - 1) in {"tagged", "labelled", "labeled", "where"}
    ]
    return [span for span in found if span not in scoped]


def _roles(reading: Reading, spans: list[Span]) -> list[Span]:
    taken = _tokens(spans)
    for index, token in enumerate(reading.tokens):
        if re.fullmatch(r"roles?/[\w.]+", token.low):
            return [Span(index, index + 1, "role", token.low.partition("/")[2])]
    for match, *_ in reading.find(_ROLE):
        first, last = reading.token_range(match, "role")
        words = [
            reading.low(index)
            for index in range(first, last)
            if (index not in taken and reading.low(index) not in {"the", "a", "an", "role", "access"})
            or reading.low(index) == "access"
        ]
        kept = [word for word in words if word]
        if kept:
            role = _trimmed(kept)
            end = last if kept[-1] == role[-1] else last - 1
            return [Span(end - len(role), last, "role", " ".join(role))]
    return []


def _trimmed(words: list[str]) -> list[str]:
    """Leave only what belongs to a role's name: at most one word of service before it."""
    if (
        words[-1] == "access"
        and len(words) > 1
        and words[-2]
        in {"read", "write", "only", "read-only", "admin", "owner", "root", "contributor", "reader", "editor", "viewer"}
    ):
        words = words[:-1]
    services = {
        "storage",
        "network",
        "compute",
        "bigquery",
        "sql",
        "billing",
        "security",
        "global",
        "user",
        "blob",
        "data",
        "full",
        "object",
        "pubsub",
        "logging",
        "monitoring",
        "project",
        "iam",
        "kubernetes",
        "cluster",
        "key",
        "vault",
        "secrets",
        "read",
        "virtual",
        "machine",
    }
    first = len(words) - 1
    while first > 0 and words[first - 1] in services:
        first -= 1
    return words[first:]


def _abouts(reading: Reading, taken: frozenset[int]) -> Iterable[Span]:
    """Yield descriptions by purpose: "the box behind payroll"."""
    for match, *_ in reading.find(_ABOUT):
        first, last = reading.token_range(match, "topic")
        words = match["topic"].split()
        if (
            taken.isdisjoint(range(first, last))
            and may_be_name(reading.tokens[first])
            and words[0]
            not in {
                "in",
                "on",
                "vms",
                "instances",
                "at",
                "ec2",
                "low",
                "hot",
                "since",
                "longer",
                "windows",
                "linux",
                "kubernetes",
                "k8s",
                "mysql",
                "postgres",
                "vm",
                "rds",
                "out",
                "version",
                "servers",
                "machines",
                "databases",
                "server",
                "containers",
            }
            and not id_kind(reading.tokens[first])
        ):
            yield Span(first, last, "about", match["topic"])


def _names(
    reading: Reading, spans: list[Span], found: list[Span], orders: list[Span], out: frozenset[int]
) -> list[Span]:
    """Find names: by shape, beside a kind, as the bare object of an order or an exception."""
    taken = _tokens([span for span in spans if span.key not in {"engine"}])
    names = list(shaped(reading, taken))
    names = [span for span in names if not _is_marker(reading, span)]
    taken |= _tokens(names)
    have_name = any(span.key == "name" and span.first not in out for span in (*spans, *names))
    beside = list(beside_kinds(reading, found, taken))
    after = [span for span in beside if span.key == "name"]
    before = [Span(span.first, span.last, "name", span.value) for span in beside if span.key == "name_before"]
    names += after
    if not have_name and not after:
        names += [span for span in before if span.first not in _tokens(names)]
    taken |= _tokens(names)
    names += _grantees(reading, orders, taken)
    taken |= _tokens(names)
    names += _qualified(reading, found, taken, bool(names) or have_name)
    if (
        not any(span.first not in out for span in names)
        and not have_name
        and not any(one.first not in out for one in found)
    ):
        names += _objects(reading, orders, taken | _tokens(names), out)
    names += _excepted(reading, taken | _tokens(names), out)
    every = [span for span in spans if span.key == "name"] + names
    ids = [
        Span(span.first, span.last, "kind_id", kind)
        for span in every
        if span.last - span.first == 1 and (kind := id_kind(reading.tokens[span.first]))
    ]
    ids += [
        Span(span.first, span.last, "kind_id", (Scope.AZURE, ""))
        for span in spans
        if span.key == "container" and span.value[1].lower().startswith("rg-")
    ]
    return names + ids


def _is_marker(reading: Reading, span: Span) -> bool:
    raw = reading.tokens[span.first].raw
    return bool(re.fullmatch(r"<[@#!].*>", raw)) and not (
        span.first > 0
        and reading.low(span.first - 1)
        in {"vm", "instance", "bucket", "resource", "server", "start", "stop", "delete", "restart"}
    )


def _grantees(reading: Reading, orders: list[Span], taken: frozenset[int]) -> list[Span]:
    """Read whom rights are given to: "grant bob …", "… to alice"."""
    for index in range(1, len(reading)):
        if (
            reading.low(index) == "'s"
            and reading.low(index + 1) in {"access", "permissions", "rights", "role", "admin"}
            and index - 1 not in taken
        ):
            return [Span(index - 1, index, "name", reading.tokens[index - 1].raw)]
    for verb in orders:
        if verb.value not in {"grant", "give", "promote"}:
            continue
        places = [verb.last, verb.last + 1 if reading.low(verb.last) in {"user", "the"} else len(reading)]
        places += [index + 1 for index in range(verb.last, len(reading)) if reading.low(index) == "to"]
        for at in places:
            if (
                at < len(reading)
                and at not in taken
                and reading.tokens[at].is_word
                and (may_be_name(reading.tokens[at]) or reading.low(at) in {"everyone", "everybody", "anyone"})
                and reading.low(at) not in {"full", "read", "write", "storage", "temporary", "group"}
            ):
                return [Span(at, at + 1, "name", reading.tokens[at].raw)]
    return []


def _qualified(reading: Reading, found: list[Span], taken: frozenset[int], named_already: bool) -> list[Span]:
    """ "Prod web servers": a plain topic before a plural kind describes what is meant."""
    out: list[Span] = []
    for kind in found:
        before = kind.first - 1
        if (
            before >= 0
            and before not in taken
            and reading.low(before) in _QUALIFIERS
            and reading.low(before - 1) != "ml"
            and not named_already
        ):
            out.append(Span(before, before + 1, "about", reading.low(before)))
    return out


def _objects(reading: Reading, orders: list[Span], taken: frozenset[int], out: frozenset[int]) -> list[Span]:
    """Read plain words after an order, or after "is" and "describe", as names: "stop zeus", "is zeus up"."""
    starts = [verb.last for verb in orders]
    starts += [
        index + 1
        for index in range(len(reading))
        if reading.low(index)
        in {"describe", "is", "of", "about", "on", "was", "for", "did", "inspect", "check", "show", "with", "at"}
        and index not in taken
    ]
    for start in starts:
        at = start
        while reading.low(at) in {
            "the",
            "my",
            "our",
            "down",
            "up",
            "that",
            "a",
            "dev",
            "prod",
            "staging",
            "qa",
        } and at < len(reading):
            at += 1
        if at in taken or at >= len(reading) or at in out:
            continue
        token = reading.tokens[at]
        if token.is_word and may_be_name(token) and is_rare(token) and token.low not in asking_words():
            return _listed(reading, at, taken)
    return []


def _listed(reading: Reading, at: int, taken: frozenset[int]) -> list[Span]:
    """Read "a, b and c"."""
    names = [Span(at, at + 1, "name", literal(reading.tokens[at]))]
    at += 1
    while at + 1 < len(reading):
        step = 2 if reading.low(at) == "," and reading.low(at + 1) == "and" else 1
        if (
            reading.low(at) not in {",", "and", "or"}
            or at + step >= len(reading)
            or at + step in taken
            or not is_rare(reading.tokens[at + step])
        ):
            break
        names.append(Span(at + step, at + step + 1, "name", reading.tokens[at + step].raw))
        at += step + 1
    return names


_MARKERS = frozenset(
    {
        "except",
        "excluding",
        "exclude",
        "skip",
        "skipping",
        "leave",
        "leaving",
        "alone",
        "keep",
        "ignore",
        "ignoring",
        "untouched",
        "besides",
        "minus",
        "spare",
        "omit",
        "touch",
        "excl",
        "apart",
        "aside",
        "exception",
        "save",
        "bar",
        "intact",
        "peace",
        "compliance",
        "excepting",
        "affect",
        "include",
        "including",
        "counting",
        "outside",
        "touching",
        "harm",
    }
)


def _excepted(reading: Reading, taken: frozenset[int], out: frozenset[int]) -> list[Span]:
    """In an exception, a plain word that says nothing else is a name: "except the bastion"; an adjective of "ones" is not."""
    names: list[Span] = []
    for index in sorted(out - taken):
        token = reading.tokens[index]
        if not token.is_word or not may_be_name(token) or token.low in _MARKERS or token.low in asking_words():
            continue
        if reading.low(index + 1) in {"ones", "one"} or reading.low(index + 2) == "ones":
            continue
        names.append(Span(index, index + 1, "name", token.raw))
    return names
