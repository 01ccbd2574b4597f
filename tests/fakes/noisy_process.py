"""A process in which everything goes wrong, quoting what people said; for a test that reads its standard error.

The words come from standard input, one a line.
"""

import asyncio
import gc
import logging
import sys
import threading
import warnings
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import structlog

from bot.conversation import Conversation
from bot.logs import configure_logging
from bot.messages import Mention, Surface, ThreadRef
from engine.principal import Principal
from engine.tasks import drain, spawn

AT = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Everyone:
    """A policy in which everybody has a role."""

    def roles_of(self, _principal: Principal) -> frozenset[str]:
        """Return it."""
        return frozenset({"platform"})


@dataclass(slots=True)
class Breaking:
    """An engine that breaks and quotes what it was told."""

    words: list[str]

    def policy(self) -> Everyone:
        """Return the policy."""
        return Everyone()

    async def hear(self, _request: object, text: str) -> Any:
        """Break, with a cause and inside a group."""
        try:
            {}[" ".join(self.words)]
        except KeyError as cause:
            raise ExceptionGroup(text, [ValueError(text), LookupError(*self.words)]) from cause


class Leaky:
    """Breaks while it is thrown away."""

    def __init__(self, word: str) -> None:
        self.word = word

    def __del__(self) -> None:
        """Break."""
        raise RuntimeError(self.word)


async def turns(words: list[str]) -> None:
    """Say every word to the broken engine, and leave tasks behind that failed."""
    talk = Conversation(workflow=Breaking(words), outbox=None, operator=None)
    thread = ThreadRef(surface=Surface.SLACK, channel="C0123", thread="1.2", workspace="T0ACME")
    person = Principal(id="slack:T0ACME:U0ONE", display=words[0])
    for number, word in enumerate(words):
        mention = Mention(
            event_id=f"slack:{word}:{number}", principal=person, thread=thread, text=f"stop {word}", at=AT
        )
        await talk.say(mention)

    async def fail(word: str) -> None:
        local = word
        raise OSError(2, local, local)

    for word in words:
        spawn(fail(word), name="background")
        asyncio.get_running_loop().create_task(fail(word)).set_name("forgotten")
    await asyncio.sleep(0.05)
    await drain(1)
    gc.collect()


def main() -> None:
    """Break everything, at last the process itself."""
    words = [line.rstrip("\n") for line in sys.stdin if line.strip()]
    configure_logging()
    asyncio.run(turns(words))
    for word in words:
        logging.getLogger("slack_bolt").error("could not send %s", word)
        logging.getLogger("uvicorn.error").warning(f"bad request {word}")  # noqa: G004 - as libraries do
        try:
            {}[word]
        except KeyError:
            logging.getLogger("httpx").exception(word)
        warnings.warn(word, stacklevel=1)
        broken = threading.Thread(target=lambda told: [][told], args=(word,), name=word)
        broken.start()
        broken.join()
        Leaky(word)
    gc.collect()
    structlog.get_logger("x").error(
        "a card was refused", error=f"no {words[-1]}", reason=f"by {words[-2]}", value=object()
    )
    raise ValueError(words)


if __name__ == "__main__":
    main()
