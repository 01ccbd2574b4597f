"""Who asks and who approves in the samples, and when."""

from datetime import UTC, datetime
from typing import Final

from blocks.components import Person

NOON: Final = datetime(2026, 3, 15, 14, 2, tzinfo=UTC)
REQUESTER: Final = Person(principal="slack:T0ACME:U0ONE", name="Dana Ortiz")
APPROVER: Final = Person(
    principal="teams:11111111-2222-3333-4444-555555555555:aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee", name="Sam Okafor"
)
