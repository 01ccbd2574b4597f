"""What the clouds' own cost services say, from all accounts at once."""

import asyncio
from collections.abc import Iterable
from datetime import date

from engine.clouds.errors import CloudError
from engine.clouds.ports import CloudAccount, CostLine


async def bills(accounts: Iterable[CloudAccount], *, start: date, end: date) -> tuple[list[CostLine], list[str]]:
    """Return the daily lines from `start` to before `end`, and the names of accounts without any, each with its reason."""
    asked = tuple(accounts)
    answers = await asyncio.gather(
        *(asyncio.to_thread(account.costs, start=start, end=end) for account in asked), return_exceptions=True
    )
    lines: list[CostLine] = []
    unknown: list[str] = []
    for account, answer in zip(asked, answers, strict=True):
        if isinstance(answer, CloudError):
            unknown.append(f"{account.name} ({answer.message})")
        elif isinstance(answer, BaseException):
            raise answer
        elif answer is None:
            unknown.append(f"{account.name} (no cost source connected)")
        else:
            lines += answer
    return lines, unknown
