"""Daily costs from Cost Explorer.

Each page costs a cent (https://aws.amazon.com/aws-cost-management/aws-cost-explorer/pricing/): one request for each account and
grouping, narrowed to the account so that a payer's keys do not count its members twice. A tag is told only when it is active as
a cost allocation tag (https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/activating-tags.html); else all is without it.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from engine.clouds.aws.session import GLOBAL_REGION, AwsSession
from engine.clouds.aws.usage import kind_of
from engine.clouds.billing import NO_REGION, CostDimension, CostGrouping, CostLine
from engine.clouds.errors import Invalid
from engine.clouds.purpose import Purpose

_METRIC = "UnblendedCost"
_MOST_PAGES = 25
_KEYS = {CostDimension.SERVICE: "SERVICE", CostDimension.REGION: "REGION", CostDimension.TYPE: "USAGE_TYPE"}
_NOWHERE = frozenset({"", "global", "NoRegion"})


def daily_costs(
    session: AwsSession, account: str, *, start: date, end: date, grouping: CostGrouping
) -> tuple[CostLine, ...]:
    """Return what was spent on each day from `start` to `end` (exclusive), in US dollars; zeros are left out.

    Raises:
        botocore.exceptions.ClientError: As the SDK says it.
        Invalid: The bill has more pages than are paid for by one question.
    """
    client = session.client("ce", GLOBAL_REGION, Purpose.READ)
    lines: list[CostLine] = []
    token: dict[str, str] = {}
    for _ in range(_MOST_PAGES):
        page = client.get_cost_and_usage(
            TimePeriod={"Start": start.isoformat(), "End": end.isoformat()},
            Granularity="DAILY",
            Metrics=[_METRIC],
            Filter={"Dimensions": {"Key": "LINKED_ACCOUNT", "Values": [account]}},
            GroupBy=[_group(one, grouping.tag) for one in grouping.dimensions],
            **token,
        )
        for period in page["ResultsByTime"]:
            lines += _lines(period, account, grouping.dimensions)
        if not page.get("NextPageToken"):
            return tuple(lines)
        token = {"NextPageToken": page["NextPageToken"]}
    raise Invalid("TooManyPages", f"the bill has more than {_MOST_PAGES} pages of Cost Explorer")


def _group(dimension: CostDimension, tag: str) -> dict[str, str]:
    if dimension is CostDimension.TAG:
        return {"Type": "TAG", "Key": tag}
    return {"Type": "DIMENSION", "Key": _KEYS[dimension]}


def _lines(period: Mapping[str, Any], account: str, dimensions: Sequence[CostDimension]) -> Iterator[CostLine]:
    day = date.fromisoformat(period["TimePeriod"]["Start"][:10])
    for group in period.get("Groups", ()):
        amount = float(group["Metrics"][_METRIC]["Amount"])
        if amount:
            told = dict(zip(dimensions, group["Keys"], strict=True))
            service, region = told.get(CostDimension.SERVICE, ""), told.get(CostDimension.REGION)
            usage, tag = told.get(CostDimension.TYPE), told.get(CostDimension.TAG, "")
            yield CostLine(
                day=day,
                account=account,
                amount=amount,
                service=service,
                region="" if region is None else NO_REGION if region in _NOWHERE else region,
                type="" if usage is None else kind_of(usage, service),
                # Cost Explorer writes a tag as "key$value", and "key$" for what does not have it.
                tag=tag.partition("$")[2],
            )
