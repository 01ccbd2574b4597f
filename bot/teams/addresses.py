"""Where conversations and people are reached, so that we can speak first and after a restart.

Teams gives no list of conversations; what an activity says about its own is all there is, and the service address in it may
change, so each activity refreshes what is kept. The record seals it.
Source: https://learn.microsoft.com/microsoftteams/platform/bots/how-to/conversations/send-proactive-messages
"""

import threading
from dataclasses import dataclass, replace
from typing import Protocol, TypeVar

from pydantic import TypeAdapter

from bot.teams.activities import ROOT_MARK, Activity, Kind


class AddressStore(Protocol):
    """Keeps references by subject; the newest stands last."""

    def add(self, subject: str, ref: bytes) -> None:
        """Keep one reference."""
        ...

    def refs(self, subject: str) -> list[bytes]:
        """Return the references of a subject, oldest first."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """A conversation as the connector is told about it.

    Attributes:
        conversation: Its id without the thread.
        kind: Which kind it is.
        service_url: Where its connector answers.
        tenant: Whose Teams it is.
        bot_id: Our own account in it.
        bot_name: Our own name in it.
    """

    conversation: str
    kind: Kind
    service_url: str
    tenant: str
    bot_id: str
    bot_name: str = ""

    def within(self, root: str) -> str:
        """Return the conversation id of a thread."""
        return f"{self.conversation}{ROOT_MARK}{root}" if root and self.kind is Kind.CHANNEL else self.conversation


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody as the connector is told about them.

    Attributes:
        user_id: Their account id towards this bot.
        name: The name Teams shows.
        personal: Their personal conversation with us; empty before there is one.
    """

    user_id: str
    name: str = ""
    personal: str = ""


_ADDRESS: TypeAdapter[Address] = TypeAdapter(Address)
_PERSON: TypeAdapter[Person] = TypeAdapter(Person)
_T = TypeVar("_T", Address, Person)
_MOST = 10_000


class Addresses:
    """The address book. Blocks on the record: call it off the event loop.

    Args:
        store: Where it rests.
    """

    def __init__(self, store: AddressStore) -> None:
        self._store = store
        self._known: dict[str, Address | Person] = {}
        self._lock = threading.Lock()

    def learn(self, activity: Activity, *, principal: str = "") -> None:
        """Keep what an activity says about its conversation and, when its sender is known, about them.

        Raises:
            StorageUnavailable: It is not durable.
        """
        where = activity.conversation
        address = Address(
            conversation=where.base,
            kind=where.kind,
            service_url=activity.service_url,
            tenant=activity.tenant,
            bot_id=activity.recipient.id,
            bot_name=activity.recipient.name,
        )
        before = self.of(where.base)
        if before is not None and not address.bot_name:
            address = replace(address, bot_name=before.bot_name)
        self._keep(_conversation(where.base), address, _ADDRESS)
        if principal:
            self._meet(activity, principal)

    def of(self, conversation: str) -> Address | None:
        """Return where a conversation is reached, or None when nobody ever spoke to us there."""
        return self._find(_conversation(conversation), _ADDRESS)

    def person(self, principal: str) -> Person | None:
        """Return how somebody is reached, or None when they never spoke to us."""
        return self._find(_person(principal), _PERSON)

    def befriend(self, principal: str, address: Address) -> None:
        """Keep that a person has a personal conversation with us.

        Raises:
            StorageUnavailable: It is not durable.
        """
        known = self.person(principal)
        if known is not None:
            self._keep(_person(principal), replace(known, personal=address.conversation), _PERSON)
            self._keep(_conversation(address.conversation), address, _ADDRESS)

    def _meet(self, activity: Activity, principal: str) -> None:
        known = self.person(principal)
        personal = activity.conversation.base if activity.conversation.kind is Kind.PERSONAL else ""
        person = Person(
            user_id=activity.sender.id,
            name=activity.sender.name or (known.name if known else ""),
            personal=personal or (known.personal if known else ""),
        )
        self._keep(_person(principal), person, _PERSON)

    def _keep(self, subject: str, value: _T, codec: TypeAdapter[_T]) -> None:
        with self._lock:
            if self._find(subject, codec) == value:
                return
            self._store.add(subject, codec.dump_json(value))
            self._remember(subject, value)

    def _find(self, subject: str, codec: TypeAdapter[_T]) -> _T | None:
        known = self._known.get(subject)
        if known is not None:
            return known  # type: ignore[return-value] # a subject's prefix says which of the two it holds
        kept = self._store.refs(subject)
        if not kept:
            return None
        found = codec.validate_json(kept[-1])
        self._remember(subject, found)
        return found

    def _remember(self, subject: str, value: Address | Person) -> None:
        if len(self._known) >= _MOST:
            self._known.clear()
        self._known[subject] = value


def _conversation(conversation: str) -> str:
    return f"teams-conversation:{conversation}"


def _person(principal: str) -> str:
    return f"teams-person:{principal}"
