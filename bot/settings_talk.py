"""Settings in a conversation: shown, a change proposed with the exact key and both values, and made when it is confirmed.

A proposal rests in the thread's memory; the button and the typed `confirm s-…` name it. Whoever confirms is asked for a role again,
and a setting that has moved meanwhile is not overwritten.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from pydantic import TypeAdapter, ValidationError

from agent_server.contract.intent import Action, Intent
from blocks.components import Component
from bot.settable import parsed
from bot.settings import SettingsError
from bot.settings_desk import Change, SettingsDesk
from bot.settings_words import meant
from bot.spoken import Command, Verb
from bot.views import by_hand
from bot.views.replies import refusal_card
from bot.views.settings import by_hand_card, changed_card, confirmation_card, settings_card
from engine.core import Engine
from engine.principal import Principal
from engine.refusal import Refusal
from engine.storage.threads import ThreadStore

_OPEN = timedelta(minutes=30)
_LETTERS = "0123456789abcdefghjkmnpqrstvwxyz"


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A change that waits for its confirmation."""

    change: Change
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What is answered: a card, under which key it is edited later (empty: never), and the refusal if it is one."""

    component: Component
    card: str = ""
    refusal: Refusal | None = None
    private: bool = False


_FORM = TypeAdapter(Proposal)


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingsTalk:
    """Answers about settings.

    Args:
        desk: Shows and changes them.
        engine: The accounts, the policy and the time.
    """

    desk: SettingsDesk
    engine: Engine

    @property
    def _threads(self) -> ThreadStore:
        return self.engine.record.threads

    def asked(self, principal: Principal, thread: str, intent: Intent, text: str) -> Told:
        """Answer what was asked in a person's own words."""
        file = str(self.desk.loaded.path or "escher.toml")
        match intent.action:
            case Action.SETTINGS_CONNECT:
                return Told(component=by_hand_card(by_hand.connect(intent.cloud.value, intent.filters, file)))
            case Action.SETTINGS_DISCONNECT:
                return Told(component=by_hand_card(by_hand.disconnect(intent.cloud.value, intent.filters, file)))
            case Action.SETTINGS_UPDATE:
                return self._update(principal, thread, intent, text)
            case _:
                return self.show(str(intent.filters.get("setting") or "all"))

    def typed(self, principal: Principal, thread: str, spoken: Command) -> Told:
        """Obey `settings`, `set KEY VALUE`, `unset KEY` or `confirm s-…`."""
        match spoken.verb:
            case Verb.SET:
                return self._propose(principal, thread, spoken.key, spoken.value)
            case Verb.UNSET:
                return self._unset(principal, spoken.key)
            case Verb.CONFIRM:
                return self._confirm(principal, thread, spoken.key)
            case _:
                return self.show(spoken.key or "all")

    def show(self, subject: str) -> Told:
        """Return what is set about a subject."""
        changed = [
            f"{key} stands above the file, set by {one.changed_by} on {one.changed_at:%d %b %H:%M} UTC"
            for key, one in self.desk.kept().items()
        ]
        shown = settings_card(
            subject,
            loaded=self.desk.loaded,
            policy=self.engine.workflow.policy(),
            accounts=self.engine.accounts,
            card_notes=changed,
        )
        return Told(component=shown)

    def _update(self, principal: Principal, thread: str, intent: Intent, text: str) -> Told:
        said = meant(intent.filters, text)
        subject = str(intent.filters.get("setting") or "")
        settings = self.desk.loaded.settings
        has = {"budgets": settings.budgets, "report": settings.report}
        if subject in {"channel", "notifications"} and settings.report:
            key = "report.channel" if len(settings.report) == 1 else "report.0.channel"
            return Told(component=by_hand_card(by_hand.channel(str(intent.filters.get("channel") or ""), key)))
        if said is None or not has.get(said[0].partition(".")[0], True):
            policy, file = str(self.desk.loaded.policy_path), str(self.desk.loaded.path or "escher.toml")
            value = intent.filters.get("value")
            return Told(
                component=by_hand_card(by_hand.unsettable(subject, value, file=file, policy=policy, who=principal.id))
            )
        return self._propose_value(principal, thread, *said)

    def _propose(self, principal: Principal, thread: str, key: str, value: str) -> Told:
        return self._propose_value(principal, thread, key, parsed(value))

    def _propose_value(self, principal: Principal, thread: str, key: str, value: object) -> Told:
        if refused := self.desk.may(principal):
            return _no(refused)
        try:
            change = self.desk.propose(key, value)
        except SettingsError as error:
            return _no(Refusal(code="settings.wrong", message=str(error), doors=("settings",)))
        if isinstance(change, Refusal):
            return _no(change)
        if change.new == change.old:
            already = f"{change.key} is already {change.new}."
            return _no(Refusal(code="settings.same", message=already, doors=("settings",)))
        name = f"s-{''.join(secrets.choice(_LETTERS) for _ in range(8))}"
        kept = Proposal(change=change, until=self.engine.clock() + _OPEN)
        self._threads.keep_results(thread, name, _FORM.dump_json(kept))
        return Told(component=confirmation_card(change, name), card=f"setting:{name}")

    def _unset(self, principal: Principal, key: str) -> Told:
        try:
            change = self.desk.fallback(key)
        except SettingsError as error:
            return _no(Refusal(code="settings.wrong", message=str(error), doors=("settings",)))
        return self._made(change, principal)

    def _confirm(self, principal: Principal, thread: str, name: str) -> Told:
        found = self._threads.results(thread, name)
        try:
            proposal = _FORM.validate_json(found.body) if found else None
        except ValidationError:
            proposal = None
        if proposal is None or proposal.until < self.engine.clock():
            gone = "That question is no longer open; nothing was set."
            return _no(Refusal(code="settings.gone", message=gone, doors=("settings",)))
        return self._made(proposal.change, principal, card=f"setting:{name}")

    def _made(self, change: Change | Refusal, principal: Principal, *, card: str = "") -> Told:
        if isinstance(change, Refusal):
            return _no(change)
        if refused := self.desk.make(change, principal):
            return _no(refused, private=bool(card))
        return Told(component=changed_card(change, principal.display or principal.id), card=card)


def _no(refusal: Refusal, *, private: bool = False) -> Told:
    return Told(component=refusal_card(refusal), refusal=refusal, private=private)
