"""Microsoft's Agents Playground as a stage: a person types and presses in a browser, and sees what is on the page.

There is one person, so whoever a story lets speak or press is the same one. In the channel the first words are a post of their own and
all others are replies to it; older posts stand below it. A card that was there may be drawn anew at any time, so the answer is known by
its place and not by its looks.
"""

from tests.fakes.house import Open
from tests.fakes.playground import Chat
from tests.fakes.stages import ASKER, Seen, has, until

_SECONDS = 60.0
"""A page is drawn later than a message is sent; how much later is the machine's business."""

_PAUSE = 0.25
"""Looking costs the browser as much as drawing."""


class PlaygroundStage:
    """One room of the Playground."""

    name = "playground"

    def __init__(self, opened_runner: Open, chat: Chat, room: str) -> None:
        self.open = opened_runner
        self.chat = chat
        self.room = room
        self._began = False
        self._below = 0

    async def say(self, text: str, *, who: str = ASKER, thread: str = "main") -> Seen:
        del who, thread
        before = len(await self.chat.shown())
        if self.room == "channel" and not self._began:
            self._below = before
        await self.chat.say(self.room, text, reply=self._began)
        self._began = self.room == "channel"

        async def look() -> Seen | None:
            seen = await self._seen()
            return seen[before - self._below] if len(seen) > before else None

        return await until(look, self._told, _SECONDS, pause=_PAUSE)

    async def press(self, card: Seen, button: str, *, who: str = ASKER, **inputs: str) -> None:
        del who
        where = self.chat.nth(card.handle)
        wanted = button.casefold().rstrip("…")
        label = next(one for one in card.buttons if one.casefold().startswith(wanted))
        await self.chat.press(where, label)
        if inputs:
            (typed,) = inputs.values()
            await where.locator("textarea, input").last.fill(typed)
            await self.chat.press(where, label.removesuffix("…"))

    async def sees(self, *words: str, seconds: float = 15.0, thread: str = "main", who: str = ASKER) -> Seen:
        del thread, who

        async def look() -> Seen | None:
            found = [seen for seen in await self._seen() if has(seen.text, words)]
            return found[-1] if found else None

        return await until(look, self._told, max(seconds, _SECONDS), pause=_PAUSE)

    async def count(self, *words: str, thread: str = "main") -> int:
        del thread
        return sum(has(seen.text, words) for seen in await self._seen())

    async def _seen(self) -> list[Seen]:
        shown = await self.chat.shown()
        return [Seen(text=one.text, buttons=one.buttons, handle=place) for place, one in enumerate(shown)]

    async def _told(self) -> str:
        return "\n---\n".join(one.text for one in await self.chat.shown())
