"""Teams as a stage: activities as Teams sends them to our endpoint, cards as a strict connector holds them."""

import itertools
from typing import Any

import httpx

from tests.fakes.bot_connector import BOT, TENANT, BotConnector, Sent
from tests.fakes.house import Open
from tests.fakes.patience import PATIENCE
from tests.fakes.stages import ASKER, REVIEWER, THIRD, Seen, action_of, actions_of, has, until

ROOM = "19:ops@thread.tacv2"
_ROOTS = {"main": "1600000000001", "second": "1600000000002"}
_TEXTS = ("text", "title", "value", "label")
_numbers = itertools.count(1)


class TeamsStage:
    """A channel of a team with three of its members."""

    name = "teams"

    def __init__(self, opened_runner: Open, connector: BotConnector, http: httpx.AsyncClient) -> None:
        self.open = opened_runner
        self._connector = connector
        self._http = http
        self._people = {ASKER: ("29:ada", "Ada"), REVIEWER: ("29:bob", "Bob"), THIRD: ("29:cleo", "Cleo")}

    async def say(self, text: str, *, who: str = ASKER, thread: str = "main") -> Seen:
        before = {one.id: len(one.versions) for one in self._connector.sent.values()}
        mention = {"type": "mention", "mentioned": {"id": BOT, "name": "Escher"}, "text": "<at>Escher</at>"}
        escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        await self._post(
            self._activity(who, thread) | {"text": f"<at>Escher</at>&nbsp;{escaped}", "entities": [mention]}
        )

        async def look() -> Seen | None:
            fresh = [one for one in self._connector.sent.values() if before.get(one.id) != len(one.versions)]
            return self._seen(fresh[-1], thread) if fresh else None

        return await until(look, self._told, 20.0)

    async def press(self, card: Seen, button: str, *, who: str = ASKER, **inputs: str) -> None:
        sent, thread = card.handle
        data = action_of(sent.card, button)
        verb = {"type": "Action.Execute", "verb": data["action"], "data": data["raw"] | inputs}
        await self._post(
            self._activity(who, thread)
            | {
                "type": "invoke",
                "name": "adaptiveCard/action",
                "replyToId": sent.id,
                "text": None,
                "value": {"action": verb, "trigger": "manual"},
            }
        )

    async def sees(self, *words: str, seconds: float = PATIENCE, thread: str = "main", who: str = ASKER) -> Seen:
        del who

        async def look() -> Seen | None:
            seen = [self._seen(one, thread) for one in self._connector.sent.values()]
            found = [one for one in seen if has(one.text, words)]
            return found[-1] if found else None

        return await until(look, self._told, seconds)

    async def count(self, *words: str, thread: str = "main") -> int:
        """Return how many cards show all the words now."""
        del thread
        return sum(has(_words(one.versions[-1]), words) for one in self._connector.sent.values())

    async def _post(self, activity: dict[str, Any]) -> None:
        answer = await self._http.post("/api/messages", json=activity)
        assert answer.status_code == 200, answer.text

    def _activity(self, who: str, thread: str) -> dict[str, Any]:
        identity, name = self._people[who]
        where = f"{ROOM};messageid={_ROOTS[thread]}"
        return {
            "type": "message",
            "id": f"17000000{next(_numbers):05d}",
            "channelId": "msteams",
            "serviceUrl": self._connector.url,
            "timestamp": "2031-03-01T12:00:00.000Z",
            "from": {"id": identity, "name": name, "aadObjectId": f"{name.lower()}-object"},
            "recipient": {"id": BOT, "name": "Escher"},
            "conversation": {"id": where, "conversationType": "channel", "isGroup": True, "tenantId": TENANT},
            "channelData": {"tenant": {"id": TENANT}},
            "textFormat": "plain",
            "locale": "en-US",
        }

    async def _told(self) -> str:
        return "\n---\n".join(_words(one.versions[-1]) for one in self._connector.sent.values())

    @staticmethod
    def _seen(sent: Sent, thread: str) -> Seen:
        buttons = [one["title"] for one in actions_of(sent.card)]
        return Seen(text=_words(sent.versions[-1]), buttons=buttons, handle=(sent, thread))


def _words(value: Any) -> str:
    """Return everything a message says, in order: what stands in one line of the card in one line."""
    found: list[str] = []
    if isinstance(value, dict):
        if value.get("type") == "RichTextBlock":
            return "".join(one if isinstance(one, str) else one.get("text", "") for one in value.get("inlines", []))
        for key, item in value.items():
            if key in _TEXTS and isinstance(item, str):
                found.append(item)
            elif isinstance(item, dict | list):
                found.append(_words(item))
    elif isinstance(value, list):
        found = [_words(item) for item in value if isinstance(item, dict | list)]
    return "\n".join(part for part in found if part)
