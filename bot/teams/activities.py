"""A raw Bot Framework activity, read once into a type of its own.

Fields that nobody reads are dropped instead of refused: Teams adds new ones without notice.
Source: https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-api-reference#activity-object
"""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Final

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints
from pydantic.alias_generators import to_camel

ROOT_MARK: Final = ";messageid="
"""Stands between a channel's id and the id of the message that began the thread."""

Text = Annotated[str, BeforeValidator(lambda value: "" if value is None else value)]
Or = BeforeValidator(lambda value: {} if value is None else value)
"""Takes an object that is missing for an empty one."""

Id = Annotated[Text, StringConstraints(max_length=512, pattern=r"^[^|\s]*$")]
"""An id; the bar separates the parts of our own thread keys."""


class Kind(StrEnum):
    """The kinds of conversation in Teams."""

    PERSONAL = "personal"
    GROUP = "groupChat"
    CHANNEL = "channel"


class _Read(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="ignore", frozen=True)


class Account(_Read):
    """One who takes part: a person or a bot."""

    id: Id = ""
    name: Text = ""
    aad_object_id: Id = ""
    role: Text = ""


class Conversation(_Read):
    """Where it was said."""

    id: Id
    conversation_type: Text = ""
    tenant_id: Id = ""

    @property
    def kind(self) -> Kind:
        """Which kind it is; Teams says nothing in old personal chats."""
        return Kind(self.conversation_type) if self.conversation_type else Kind.PERSONAL

    @property
    def base(self) -> str:
        """The conversation without the thread."""
        return self.id.partition(ROOT_MARK)[0]

    @property
    def root(self) -> str:
        """The message that began the thread; empty where there are no threads."""
        return self.id.partition(ROOT_MARK)[2]


class Tenant(_Read):
    """Whose Teams it is."""

    id: Id = ""


class ChannelData(_Read):
    """What Teams says besides."""

    tenant: Annotated[Tenant, Or] = Tenant()


class Entity(_Read):
    """Something the text refers to; a mention of somebody is one."""

    type: Text = ""
    text: Text = ""
    mentioned: Account | None = None


class Activity(_Read):
    """One thing that happened."""

    type: str
    id: Id = ""
    name: Text = ""
    action: Text = ""
    channel_id: Text = ""
    service_url: Annotated[Text, StringConstraints(max_length=512)] = ""
    timestamp: AwareDatetime | None = None
    sender: Account = Field(alias="from", default=Account())
    recipient: Account = Account()
    conversation: Conversation
    channel_data: Annotated[ChannelData, Or] = ChannelData()
    text: Text = ""
    entities: Annotated[tuple[Entity, ...], BeforeValidator(lambda value: value or ())] = ()
    members_added: Annotated[tuple[Account, ...], BeforeValidator(lambda value: value or ())] = ()
    reply_to_id: Id = ""
    value: Any = None

    @property
    def tenants(self) -> frozenset[str]:
        """Every tenant the activity names; each of them must be allowed."""
        stated = (self.conversation.tenant_id, self.channel_data.tenant.id)
        return frozenset(one.lower() for one in stated if one)

    @property
    def tenant(self) -> str:
        """The tenant it happened in; empty when the activity does not say."""
        return (self.channel_data.tenant.id or self.conversation.tenant_id).lower()

    @property
    def own_mentions(self) -> tuple[str, ...]:
        """The texts by which the recipient, that is we, were mentioned."""
        return tuple(
            one.text
            for one in self.entities
            if one.type == "mention"
            and one.mentioned is not None
            and one.mentioned.id == self.recipient.id
            and one.text
        )

    @property
    def invited_us(self) -> bool:
        """Whether we were just added to the conversation."""
        if self.type == "installationUpdate":
            return self.action == "add"
        return self.type == "conversationUpdate" and any(one.id == self.recipient.id for one in self.members_added)

    def at(self, now: datetime) -> datetime:
        """Return when Teams says it happened, or `now`."""
        return self.timestamp or now


def read(body: bytes) -> Activity:
    """Read an activity.

    Raises:
        ValueError: It is none.
    """
    activity = Activity.model_validate_json(body)
    Kind(activity.conversation.conversation_type or Kind.PERSONAL)
    return activity
