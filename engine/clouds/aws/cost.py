"""Daily costs by service from Cost Explorer.

Each page costs a cent (https://aws.amazon.com/aws-cost-management/aws-cost-explorer/pricing/): one request for each
account and report, narrowed to the account so that a payer's keys do not count its members twice.
"""

from datetime import date

from engine.clouds.aws.session import GLOBAL_REGION, AwsSession, Purpose
from engine.clouds.ports import CostLine

_METRIC = "UnblendedCost"


def daily_costs(session: AwsSession, account: str, *, start: date, end: date) -> tuple[CostLine, ...]:
    """Return what each service cost on each day from `start` to `end` (exclusive), in US dollars; zeros are left out."""
    client = session.client("ce", GLOBAL_REGION, Purpose.READ)
    lines: list[CostLine] = []
    token: dict[str, str] = {}
    while True:
        page = client.get_cost_and_usage(
            TimePeriod={"Start": start.isoformat(), "End": end.isoformat()},
            Granularity="DAILY",
            Metrics=[_METRIC],
            Filter={"Dimensions": {"Key": "LINKED_ACCOUNT", "Values": [account]}},
            GroupBy=[{"Type": "DIMENSION", "Key": "SERVICE"}],
            **token,
        )
        for period in page["ResultsByTime"]:
            day = date.fromisoformat(period["TimePeriod"]["Start"][:10])
            for group in period.get("Groups", ()):
                amount = float(group["Metrics"][_METRIC]["Amount"])
                if amount:
                    lines.append(CostLine(day=day, account=account, service=group["Keys"][0], amount=amount))
        if not page.get("NextPageToken"):
            return tuple(lines)
        token = {"NextPageToken": page["NextPageToken"]}
