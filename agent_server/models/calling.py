"""One call to Claude through Anthropic's SDK, within its time, its retries and the tenant's budget.

Each call forces one tool whose input is the structured answer (https://platform.claude.com/docs/en/agents-and-tools/tool-use/overview); the
open `filters` mapping cannot be said in the strict output format, so whoever asks validates the answer by the same models as the wire.
"""

import asyncio
import random
import time
from collections.abc import Mapping
from typing import Any

from anthropic import APIConnectionError, APIError, APIStatusError, AsyncAnthropic
from anthropic.types import Message, ToolUseBlock

from agent_server.models.budget import TokenBudget
from agent_server.models.metering import meter

DEADLINE_SECONDS = 27.0
"""For one answer with all its retries; the runner waits 30 s."""
_MOST_ATTEMPTS = 5
_FIRST_WAIT, _LONGEST_WAIT = 0.5, 8.0
_BUSY = frozenset({408, 409, 429, 529})


class Unusable(Exception):
    """Claude gave no answer that can be used; the text says why, without repeating anything said."""


class Spent(Unusable):
    """The tenant's tokens of this minute are used up, or the request is too long for one call."""


class Caller:
    """Calls Claude.

    Args:
        name: Which Claude.
        api_key: The key of the Messages API.
        base_url: Another address of the API (tests).
        max_tokens: Most tokens of one answer.
        deadline: Seconds for one answer with all its retries.
        budget: How many tokens a tenant may use; None for as many as it likes.
    """

    def __init__(
        self,
        *,
        name: str,
        api_key: str,
        base_url: str,
        max_tokens: int,
        deadline: float,
        budget: TokenBudget | None,
    ) -> None:
        self._name = name
        self._max_tokens = max_tokens
        self._deadline = deadline
        self._budget = budget
        self._client = AsyncAnthropic(
            api_key=api_key, base_url=base_url or "https://api.anthropic.com", max_retries=0, timeout=deadline
        )

    async def ask(
        self, tool: str, description: str, schema: Mapping[str, Any], *, knowledge: str, text: str
    ) -> dict[str, Any]:
        """Return the tool's input as Claude filled it in.

        Raises:
            Unusable: For every way in which there is none, the deadline and the budget included.
        """
        if self._budget and not self._budget.allows(meter().tenant, knowledge, text):
            raise Spent("the token budget is spent")
        try:
            async with asyncio.timeout(self._deadline):
                message = await self._call(tool, description, schema, knowledge=knowledge, text=text)
        except TimeoutError:
            raise Unusable("it did not answer in time") from None
        except (APIError, ValueError) as error:
            raise Unusable(f"its interface failed: {type(error).__name__}") from None
        if not _has_form(message):
            raise Unusable("its answer does not have the agreed form")
        used = _count(message)
        if self._budget:
            self._budget.spend(meter().tenant, used)
        if message.stop_reason != "tool_use":
            raise Unusable(f"it ended with {message.stop_reason}")
        uses = [block for block in message.content if isinstance(block, ToolUseBlock) and block.name == tool]
        if len(uses) != 1:
            raise Unusable("it did not give exactly one answer")
        return dict(uses[0].input)

    async def _call(
        self, tool: str, description: str, schema: Mapping[str, Any], *, knowledge: str, text: str
    ) -> Message:
        """Call until there is an answer, waiting as long as the server says; give up when that would be too long."""
        ends = time.monotonic() + self._deadline
        for attempt in range(_MOST_ATTEMPTS):
            try:
                return await self._client.messages.create(
                    model=self._name,
                    max_tokens=self._max_tokens,
                    system=[{"type": "text", "text": knowledge, "cache_control": {"type": "ephemeral"}}],
                    messages=[{"role": "user", "content": text}],
                    tools=[{"name": tool, "description": description, "input_schema": dict(schema)}],
                    tool_choice={"type": "tool", "name": tool, "disable_parallel_tool_use": True},
                    timeout=max(0.1, ends - time.monotonic()),
                )
            except APIStatusError as error:
                if error.status_code not in _BUSY and error.status_code < 500:  # noqa: PLR2004 - server errors
                    raise
                wait = _wait(attempt, error.response.headers.get("retry-after", ""))
            except APIConnectionError:
                wait = _wait(attempt, "")
            if attempt + 1 == _MOST_ATTEMPTS or time.monotonic() + wait >= ends:
                break
            await asyncio.sleep(wait)
        raise Unusable("it is overloaded")

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()


def _wait(attempt: int, retry_after: str) -> float:
    """Return the seconds to wait: what the server says, else doubling with a little chance in it."""
    try:
        said = float(retry_after)
    except ValueError:
        said = -1.0
    if said >= 0:
        return said
    return min(_LONGEST_WAIT, _FIRST_WAIT * 2.0**attempt) * random.uniform(0.75, 1.0)  # noqa: S311 - spreads retries only


def _has_form(message: object) -> bool:
    """Whether an answer is a message at all: the SDK builds its models without validating them."""
    usage: object = getattr(message, "usage", None)
    figures = (getattr(usage, "input_tokens", None), getattr(usage, "output_tokens", None))
    content: object = getattr(message, "content", None)
    return isinstance(content, list) and all(isinstance(figure, int) for figure in figures)


def _count(message: Message) -> int:
    """Put an answer's tokens down for the request; return how many those are."""
    usage = message.usage
    read = usage.input_tokens + (usage.cache_read_input_tokens or 0) + (usage.cache_creation_input_tokens or 0)
    used = meter()
    used.input_tokens += read
    used.output_tokens += usage.output_tokens
    return read + usage.output_tokens
