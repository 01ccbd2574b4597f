"""Where: clouds by name, regions by code or colloquial name, zones."""

import re
from collections.abc import Iterator
from functools import cache

from agent_server.contract.intent import Scope
from agent_server.models.offline.distance import distance
from agent_server.models.offline.phrases import PhraseBook
from agent_server.models.offline.tokens import Reading, Span
from agent_server.models.offline.words import places, rows

ALL_CLOUDS = (Scope.AWS, Scope.AZURE, Scope.GCP)

_CLOUDS = PhraseBook(
    (word, clouds)
    for words, clouds in (
        ("aws, amazon web services, amazon", (Scope.AWS,)),
        ("azure, microsoft azure, ms azure, az", (Scope.AZURE,)),
        ("gcp, google cloud platform, google cloud, google, gcloud", (Scope.GCP,)),
        (
            "all clouds, all three clouds, all the clouds, all 3 clouds, every cloud, each cloud, across clouds, three clouds, the three clouds, all my clouds, all our clouds, 3 clouds, any cloud, all cloud providers, all providers",
            ALL_CLOUDS,
        ),
    )
    for word in words.split(", ")
)
_AWS_CODE = r"(?:us|eu|ap|sa|ca|me|af|il|mx)(?:-gov)?-(?:north|south|east|west|central|northeast|southeast|northwest|southwest)-\d"
_GCP_CODE = (
    r"(?:us|europe|asia|northamerica|southamerica|australia|me|africa)-"
    r"(?:east|west|central|south|north|northeast|southeast|southwest|northwest)\d{1,2}"
)
_RULES = (
    ("zone", Scope.AWS, re.compile(rf"(?<!\S)(?P<code>{_AWS_CODE}[a-f])(?!\S)")),
    ("region", Scope.AWS, re.compile(rf"(?<!\S)(?P<code>{_AWS_CODE})(?!\S)")),
    ("zone", Scope.GCP, re.compile(rf"(?<!\S)(?P<code>{_GCP_CODE}-[a-f])(?!\S)")),
    ("region", Scope.GCP, re.compile(rf"(?<!\S)(?P<code>{_GCP_CODE})(?!\S)")),
)
_SPOKEN_AWS = re.compile(
    r"(?<!\S)(us|eu|ap|sa|ca|me|af)[ -]?(north|south|east|west|central|northeast|southeast)[ -]?(\d)(?!\S)"
)
_SPOKEN_GCP = re.compile(
    r"(?<!\S)(us|europe|asia|northamerica|southamerica|australia)[ -](east|west|central|south|north|northeast|southeast|southwest) ?(\d{1,2})(?!\S)"
)
_EVERYWHERE = re.compile(
    r"(?<!\S)(?:all|every|each|any)(?: aws| azure| gcp)?(?: of the| the| our)? regions?(?!\S)|across(?: all)? regions|globally|worldwide|everywhere"
)


_EVIDENCE = PhraseBook(
    (word, clouds)
    for words, clouds in (
        ("cloudtrail events, cloudtrail logs, cloudtrail history, cloudwatch metrics, cloudwatch logs, transit gateway, direct connect, sagemaker, bedrock, athena, glue job, emr cluster, cognito, aws config, cost explorer, trusted advisor, security hub, fargate", (Scope.AWS,)),
        ("azure monitor, expressroute, express route, azure ad, entra, synapse, bicep, arm template, sentinel, azure policy, cost management, azure advisor", (Scope.AZURE,)),
        ("cloud logging, cloud monitoring, stackdriver, vertex ai, anthos, cloud build, cloud armor, app engine, cloud scheduler, shared vpc, org policy", (Scope.GCP,)),
    )
    for word in words.split(", ")
)  # fmt: skip


def evidence(reading: Reading, taken: frozenset[int]) -> Iterator[Span]:
    """Yield words that only one cloud has but that name no kind of resource: "cloudtrail events", "expressroute"."""
    yield from _EVIDENCE.spans(reading, "cloud", taken)


def clouds(reading: Reading, taken: frozenset[int]) -> Iterator[Span]:
    """Yield clouds that are named; the value is a tuple of clouds."""
    for span in _CLOUDS.spans(reading, "cloud", taken):
        if reading.low(span.first) != "az" or reading.low(span.first - 1) not in {"multi", "single", "the", "same"}:
            yield span


def regions(reading: Reading, taken: frozenset[int], named: tuple[Scope, ...]) -> Iterator[Span]:
    """Yield regions and zones; the value is (cloud, code). `named` are the clouds the message names: they decide "Frankfurt".

    A spoken code such as "us east 1" is Amazon's unless the message names another cloud that has it; "west us" is Azure's.
    """
    claimed = set(taken)
    for key, cloud, pattern in _RULES:
        for match, first, last in reading.find(pattern, frozenset(claimed)):
            claimed.update(range(first, last))
            yield Span(first, last, key, (cloud, match["code"]))
    for span in places().spans(reading, "region", frozenset(claimed)):
        known: dict[Scope, str] = span.value
        place = next((one for one in (*named, *known) if one in known), None)
        if place and not _is_person(reading, span):
            claimed.update(range(span.first, span.last))
            yield Span(span.first, span.last, "region", (place, known[place]))
    yield from _misspelt(reading, frozenset(claimed))
    yield from _spoken(reading, frozenset(claimed), named)
    for _, first, last in reading.find(_EVERYWHERE, frozenset(claimed)):
        yield Span(first, last, "region", (None, "all"))


def _spoken(reading: Reading, taken: frozenset[int], named: tuple[Scope, ...]) -> Iterator[Span]:
    google_first = Scope.GCP in named and Scope.AWS not in named
    rules = [(_SPOKEN_AWS, Scope.AWS, "{}-{}-{}"), (_SPOKEN_GCP, Scope.GCP, "{}-{}{}")]
    claimed = set(taken)
    for pattern, cloud, form in reversed(rules) if google_first else rules:
        for match, first, last in reading.find(pattern, frozenset(claimed)):
            claimed.update(range(first, last))
            yield Span(first, last, "region", (cloud, form.format(*match.groups())))


_LOOKS_LIKE_CODE = re.compile(r"[a-z]{2,12}-[a-z]{3,10}-?\d")


def _misspelt(reading: Reading, taken: frozenset[int]) -> Iterator[Span]:
    """Yield region codes with one slip in them: "eu-nort-1"."""
    for index, token in enumerate(reading.tokens):
        if (
            index in taken
            or token.quoted
            or not _LOOKS_LIKE_CODE.fullmatch(token.low)
            or any(rule.fullmatch(token.low) for _, _, rule in _RULES)
        ):
            continue
        near = [
            (cloud, code) for cloud, code in _codes() if code[-1] == token.low[-1] and distance(token.low, code) == 1
        ]
        if len(near) == 1:
            yield Span(index, index + 1, "region", near[0])


@cache
def _codes() -> tuple[tuple[Scope, str], ...]:
    """Return every region code of Amazon and Google that the table of places holds."""
    found = {
        (cloud, code)
        for _, *codes in rows("regions.tsv")
        for cloud, code in zip(Scope, codes, strict=False)
        if code and cloud is not Scope.AZURE
    }
    return tuple(sorted(found))


def _is_person(reading: Reading, span: Span) -> bool:
    """Paris and Sydney are people too: "give sydney access"."""
    return (
        reading.low(span.first - 1) in {"give", "grant", "make", "add", "ask", "tell"} and span.last - span.first == 1
    )
