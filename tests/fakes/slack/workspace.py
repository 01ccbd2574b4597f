"""The workspace behind the fake: people, channels, messages with their history, views, files."""

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from tests.fakes.slack.blocks import interactive
from tests.fakes.slack.errors import Json, SlackError
from tests.fakes.slack.plain import live, plain

TEAM = "T0ACME"
OTHER_TEAM = "T0PARTNER"
APP = "A0ESCHER"
BOT_USER = "U0ESCHER"
BOT_ID = "B0ESCHER"

# What `escher init slack` asks for; https://docs.slack.dev/reference/scopes/ names the methods each one opens.
MINIMAL_SCOPES = (
    "app_mentions:read",
    "chat:write",
    "commands",
    "files:write",
    "reactions:write",
    "im:history",
    "users:read",
)


@dataclass(slots=True, kw_only=True)
class User:
    """A person or bot as `users.info` shows it (https://docs.slack.dev/reference/objects/user-object/)."""

    id: str
    name: str
    real_name: str
    team_id: str = TEAM
    tz: str = "Europe/Berlin"
    tz_offset: int = 3600
    is_owner: bool = False
    is_restricted: bool = False
    is_ultra_restricted: bool = False
    is_bot: bool = False
    deleted: bool = False

    def as_json(self) -> Json:
        """Return the user object."""
        return {
            "id": self.id,
            "team_id": self.team_id,
            "name": self.name,
            "deleted": self.deleted,
            "real_name": self.real_name,
            "tz": self.tz,
            "tz_label": self.tz,
            "tz_offset": self.tz_offset,
            "profile": {"real_name": self.real_name, "display_name": self.name, "team": self.team_id},
            "is_admin": self.is_owner,
            "is_owner": self.is_owner,
            "is_primary_owner": self.is_owner,
            "is_restricted": self.is_restricted,
            "is_ultra_restricted": self.is_ultra_restricted,
            "is_bot": self.is_bot,
            "is_app_user": False,
            "is_stranger": self.team_id != TEAM,
            "updated": 1700000000,
        }


@dataclass(slots=True, kw_only=True)
class Channel:
    """A conversation (https://docs.slack.dev/reference/objects/conversation-object/)."""

    id: str
    name: str
    members: set[str]
    is_im: bool = False
    is_archived: bool = False
    is_ext_shared: bool = False

    def as_json(self) -> Json:
        """Return the conversation object."""
        shared: Json = {"id": self.id, "is_archived": self.is_archived, "is_im": self.is_im}
        if self.is_im:
            return {**shared, "user": next(iter(self.members - {BOT_USER}))}
        return {**shared, "name": self.name, "is_channel": True, "is_ext_shared": self.is_ext_shared}


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """What a message said at one time."""

    text: str
    blocks: list[Json]
    at: float

    @property
    def plain(self) -> str:
        """The readable text."""
        return plain(self.blocks, self.text)


@dataclass(slots=True, kw_only=True)
class Message:
    """One message with everything it ever said; the last version is what people see."""

    channel: str
    ts: str
    user: str
    history: list[Version]
    thread_ts: str | None = None
    ephemeral_to: str | None = None
    bot_id: str | None = None
    files: list[Json] = field(default_factory=list)
    reactions: list[tuple[str, str]] = field(default_factory=list)
    deleted: bool = False

    @property
    def text(self) -> str:
        """The text argument as stored (the fallback when there are blocks)."""
        return self.history[-1].text

    @property
    def blocks(self) -> list[Json]:
        """The blocks people see now."""
        return self.history[-1].blocks

    @property
    def plain(self) -> str:
        """What people read now."""
        return self.history[-1].plain

    @property
    def live(self) -> list[str]:
        """Every mention and link in it that Slack would bring to life, in the blocks and in the fallback text."""
        return live(self.blocks) + live(self.text)

    def buttons(self, version: int = -1) -> list[str]:
        """Return the labels of the buttons that can be pressed."""
        return [_label(element) for _, element in interactive(self.history[version].blocks)]

    def find(self, wanted: str, version: int = -1) -> tuple[Json, Json]:
        """Return the (block, element) with that action id or label.

        Raises:
            LookupError: No such button is on the message.
        """
        pairs = list(interactive(self.history[version].blocks))
        for block, element in pairs:
            if wanted in {element.get("action_id"), _label(element)}:
                return block, element
        raise LookupError(f"no button {wanted!r} on {self.ts}; there are {[_label(e) for _, e in pairs]}")

    def as_json(self, version: int = -1) -> Json:
        """Return the message object (https://docs.slack.dev/reference/events/message/)."""
        shown = self.history[version]
        answer: Json = {"type": "message", "user": self.user, "ts": self.ts, "text": shown.text, "team": TEAM}
        if shown.blocks:
            answer["blocks"] = shown.blocks
        if self.thread_ts:
            answer["thread_ts"] = self.thread_ts
        if self.bot_id:
            answer |= {"bot_id": self.bot_id, "app_id": APP}
        if self.files:
            answer["files"] = self.files
        if len(self.history) > 1:
            answer["edited"] = {"user": self.user, "ts": f"{shown.at:.6f}"}
        return answer


def _label(element: Json) -> str:
    text = element.get("text")
    return str(text.get("text")) if isinstance(text, dict) else str(element.get("action_id", ""))


class Workspace:
    """People, channels and what was said."""

    def __init__(self, clock: Callable[[], float]) -> None:
        """Found Acme: an owner, two colleagues, a guest, a partner's employee, a foreign bot and our bot."""
        self.clock = clock
        self.users = {user.id: user for user in _people()}
        everyone = {"U0OWNER", "U0ALICE", "U0BOB", BOT_USER}
        self.channels = {
            channel.id: channel
            for channel in (
                Channel(id="C0OPS", name="ops", members={*everyone, "U0GUEST", "U0ROBOT"}),
                Channel(id="C0DEV", name="dev", members=set(everyone)),
                Channel(id="C0SHARED", name="shared-acme", members={*everyone, "U0EXTERN"}, is_ext_shared=True),
                Channel(id="C0RANDOM", name="random", members=everyone - {BOT_USER}),
                Channel(id="C0PRIVATE", name="board", members={"U0OWNER"}),
                Channel(id="C0OLD", name="old", members=set(everyone), is_archived=True),
            )
        }
        self.messages: list[Message] = []
        self._serial = itertools.count(1)

    def new_id(self, prefix: str) -> str:
        """Return an id that was not used before."""
        return f"{prefix}{next(self._serial):08d}"

    def new_ts(self) -> str:
        """Return a message timestamp, unique and growing (https://docs.slack.dev/messaging/retrieving-messages/)."""
        return f"{int(self.clock())}.{next(self._serial):06d}"

    def user(self, user_id: str) -> User:
        """Return a user.

        Raises:
            SlackError: `user_not_found`.
        """
        if user_id not in self.users:
            raise SlackError(code="user_not_found")
        return self.users[user_id]

    def channel(self, channel_id: str) -> Channel:
        """Return a conversation by id; a user id means the app's direct conversation with that user.

        Raises:
            SlackError: `channel_not_found`; names such as `#ops` are refused, ids are what one stores.
        """
        if channel_id in self.users:
            return self.direct(channel_id)
        found = self.channels.get(channel_id)
        if found is None or (found.id == "C0PRIVATE" and BOT_USER not in found.members):
            raise SlackError(code="channel_not_found")
        return found

    def direct(self, user_id: str) -> Channel:
        """Return the direct conversation between the bot and a user, opened when new."""
        channel_id = f"D{user_id[1:]}"
        return self.channels.setdefault(
            channel_id, Channel(id=channel_id, name="", members={user_id, BOT_USER}, is_im=True)
        )

    def post(
        self,
        *,
        channel: str,
        user: str,
        text: str,
        blocks: list[Json] | None = None,
        thread_ts: str | None = None,
        ephemeral_to: str | None = None,
        bot_id: str | None = None,
        files: list[Json] | None = None,
    ) -> Message:
        """Store a message and return it."""
        message = Message(
            channel=channel,
            ts=self.new_ts(),
            user=user,
            history=[Version(text=text, blocks=self._with_ids(blocks or []), at=self.clock())],
            thread_ts=thread_ts,
            ephemeral_to=ephemeral_to,
            bot_id=bot_id,
            files=files or [],
        )
        self.messages.append(message)
        return message

    def edit(self, message: Message, *, text: str, blocks: list[Json]) -> None:
        """Add a version to a message."""
        message.history.append(Version(text=text, blocks=self._with_ids(blocks), at=self.clock()))

    def message(self, channel_id: str, ts: str) -> Message:
        """Return a lasting message.

        Raises:
            SlackError: `message_not_found`; ephemeral messages cannot be found again
                (https://docs.slack.dev/reference/methods/chat.postEphemeral/).
        """
        for message in self.visible(channel_id):
            if message.ts == ts and message.ephemeral_to is None:
                return message
        raise SlackError(code="message_not_found")

    def visible(self, channel_id: str) -> Iterator[Message]:
        """Yield the messages of a channel, oldest first."""
        return (message for message in self.messages if message.channel == channel_id and not message.deleted)

    def _with_ids(self, blocks: list[Json]) -> list[Json]:
        """Give each block and each clickable element without an id one, as Slack does."""
        named = [{**block, "block_id": block.get("block_id") or self.new_id("blk")} for block in blocks]
        for _, element in interactive(named):
            element.setdefault("action_id", self.new_id("act"))
        return named


def _people() -> list[User]:
    return [
        User(id="U0OWNER", name="olga", real_name="Olga Owner", is_owner=True),
        User(id="U0ALICE", name="alice", real_name="Alice Adams"),
        User(id="U0BOB", name="bob", real_name="Bob Brown", tz="America/New_York", tz_offset=-18000),
        User(id="U0GUEST", name="gus", real_name="Gus Guest", is_restricted=True),
        User(id="U0EXTERN", name="eve", real_name="Eve External", team_id=OTHER_TEAM),
        User(id="U0ROBOT", name="otherbot", real_name="Other Bot", is_bot=True),
        User(id=BOT_USER, name="escher", real_name="Escher", is_bot=True),
    ]
