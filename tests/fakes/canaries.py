"""Five hundred things that must never leave the runner, an account full of them, and the search for them in what was sent."""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from urllib.parse import quote, quote_plus

from engine.clouds.billing import CostDimension, CostGrouping, CostLine
from engine.clouds.errors import Denied
from engine.clouds.ports import DailyUse
from engine.estate.resource import Cloud, Resource
from tests.fakes.cloud_account import FakeCloudAccount
from tests.fakes.requests import ACCOUNTS, thing

EACH = 50


def digest(*seed: object) -> str:
    """Letters and digits that appear nowhere else."""
    return hashlib.sha256(repr(seed).encode()).hexdigest()


def number(length: int, *seed: object) -> str:
    """Digits that appear nowhere else."""
    return str(int(digest(*seed), 16))[-length:].replace("0", "7")


NAMES = [
    (
        f"qx{digest('name', n)[:6]}-db-{n}",
        f"Qx {digest('name', n)[:7]} ({n})",
        f"qx{digest('name', n)[:7]}.corp_{n}",
        f"qx{digest('name', n)[:8]}",
    )[n % 4]
    for n in range(EACH)
]
MAILS = [f"{digest('mail', n)[:9]}@{digest('host', n)[:7]}.example" for n in range(EACH)]
KEYS = [f"AKIA{digest('key', n)[:16].upper()}" for n in range(EACH)]
SECRETS = [base64.b64encode(hashlib.sha256(f"s{n}".encode()).digest()[:30]).decode() for n in range(EACH)]
TOKENS = [
    (
        f"xoxb-{number(12, n)}-{digest('t', n)[:20]}",
        f"ghp_{digest('t', n)[:36]}",
        f"glpat-{digest('t', n)[:20]}",
        f"sk-ant-{digest('t', n)[:24]}",
    )[n % 4]
    for n in range(EACH)
]
USERS = [f"<@U{digest('user', n)[:10].upper()}>" if n % 2 else f"@qu{digest('user', n)[:8]}" for n in range(EACH)]
ACCOUNT_IDS = [number(12, "account", n) for n in range(EACH)]
ARNS = [f"arn:aws:iam::{number(12, 'arn', n)}:role/qr-{digest('arn', n)[:10]}" for n in range(EACH)]
ADDRESSES = [
    f"10.{n + 10}.{(n * 37) % 200 + 20}.{n + 101}" if n % 2 else f"2001:db8:{n + 0x1000:x}::{n + 0xABC0:x}"
    for n in range(EACH)
]
GUIDS = [
    "-".join((one[:8], one[8:12], one[12:16], one[16:20], one[20:32]))
    for one in (digest("guid", n) for n in range(EACH))
]
CANARIES = (*NAMES, *MAILS, *KEYS, *SECRETS, *TOKENS, *USERS, *ACCOUNT_IDS, *ARNS, *ADDRESSES, *GUIDS)


def home(clock):
    """An account whose machines carry canaries wherever something can be written."""
    account = FakeCloudAccount(Cloud.AWS, ACCOUNTS[Cloud.AWS], "main", clock)
    for n, name in enumerate(NAMES):
        tags = {
            "env": "dev",
            "team": MAILS[n],
            "data-class": TOKENS[n],
            "tier": SECRETS[n],
            "owner": MAILS[n],
            "note": f"{KEYS[n]} {USERS[n]} {ARNS[n]} {GUIDS[n]}",
            GUIDS[n]: ADDRESSES[n],
        }
        made = thing("ec2::instance", Cloud.AWS, f"i-{digest('id', n)[:17]}", state="running", **tags)
        facts = {
            **made.facts,
            "private_ip": ADDRESSES[n],
            "owner": ARNS[n],
            "engine": f"pg {MAILS[n]}",
            "engine_version": TOKENS[n],
            "log": SECRETS[n],
        }
        account.add(replace(made, name=name, facts=facts))
    return account


class Billed(FakeCloudAccount):
    """An account with a name of its own, bills, idle machines, and public buckets called like canaries."""

    def fill(self) -> None:
        """Let machines and buckets exist."""
        for n, name in enumerate(NAMES[:12]):
            machine = thing(
                "ec2::instance",
                Cloud.AWS,
                f"i-{digest('billed', n)[:17]}",
                state="running",
                env="prod",
                note=SECRETS[n],
            )
            bucket = thing(
                "s3::bucket", Cloud.AWS, f"b-{digest('bucket', n)[:17]}", env="prod", **{"data-class": "customer"}
            )
            self.add(
                replace(machine, name=name, account=self.account),
                replace(bucket, name=NAMES[n + 20], account=self.account, public=True),
            )

    def costs(self, *, start: date, end: date, grouping: CostGrouping) -> tuple[CostLine, ...]:
        """Return bills that rose on the last day; teams are called like canaries."""
        days = [start + timedelta(days=n) for n in range((end - start).days)]
        return tuple(
            CostLine(
                day=day,
                account=self.account,
                service=service,
                region="us-east-1" if CostDimension.REGION in grouping.dimensions else "",
                tag=owner if grouping.tag else "",
                amount=200.0 if day == days[-1] else 100.0,
            )
            for day in days
            for service, owner in (
                ("Amazon Elastic Compute Cloud - Compute", MAILS[1]),
                ("Amazon Simple Storage Service", NAMES[3]),
            )
        )

    def use(self, resources: Sequence[Resource], *, days: int, until: datetime) -> Mapping[str, tuple[DailyUse, ...]]:
        """Return that nothing is used."""
        idle = tuple(
            DailyUse(day=until.date() - timedelta(days=n), cpu_mean=0.5, cpu_max=1.0, network_bytes=1000.0)
            for n in range(1, days + 1)
        )
        return {one.id: idle for one in resources}


class Unbilled(FakeCloudAccount):
    """An account whose cost service refuses, with identities in its words."""

    def costs(self, *, start: date, end: date, grouping: CostGrouping) -> tuple[CostLine, ...]:
        """Refuse."""
        del start, end, grouping
        raise Denied(
            "AccessDenied", f"User: {ARNS[0]} is not authorized to read costs of {self.account} for {MAILS[0]}"
        )


def forms(canary: str) -> set[bytes]:
    """A canary as it is, in lower case, URL-encoded, and the part of its base64 that does not depend on what stands before it."""
    raw = canary.strip("<@>")
    plain = {raw, raw.lower(), quote(raw, safe=""), quote_plus(raw), raw.replace("+", "\\u002b"), raw[1:]}
    found = {one.encode() for one in plain}
    for shift in range(3):
        coded = base64.b64encode(b"\0" * shift + raw.encode())
        found.add(coded[4 if shift else 0 : -4])
        found.add(coded[4 if shift else 0 : -4].replace(b"+", b"-").replace(b"/", b"_"))
    return found
