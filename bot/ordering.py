"""Orders about playbooks: exact forms of words, presses of buttons. Pure.

Only exact forms are orders; anything else about playbooks is a message to be understood.
"""

import re
from collections.abc import Mapping

from agent_server.contract.playbook import PlaybookStatus
from engine.playbooks.orders import Do, Order
from engine.playbooks.words import PIN

_NAME = r"(?P<name>[A-Za-z0-9][\w.-]{0,99}?)(?:(?:@|\s+v?)(?P<version>\d+\.\d+\.\d+))?"
_STATES = "|".join(state.value.replace("_", "[_ ]") for state in PlaybookStatus)
_LIST = re.compile(rf"playbooks?(?:\s+(?:list|mine))?(?:\s+(?P<state>{_STATES}))?[.!]?", re.IGNORECASE)
_FIND = re.compile(r"playbooks?\s+find\s+(?P<text>.+)", re.IGNORECASE | re.DOTALL)
_VERBS = "|".join(
    one.value for one in (Do.SHOW, Do.SCRIPT, Do.EXPORT, Do.UPLOAD, Do.TRUST, Do.APPROVE, Do.REJECT, Do.RUN)
)
_ABOUT = re.compile(rf"playbook\s+(?P<do>{_VERBS})\s+{_NAME}(?:\s+(?P<text>\S.*))?", re.IGNORECASE | re.DOTALL)
_TURNED = re.compile(
    rf"(?P<do>upload|approve|reject)\s+(?:the\s+)?playbook\s+{_NAME}(?:\s+(?P<text>\S.*))?", re.IGNORECASE | re.DOTALL
)
_STATE = re.compile(
    rf"(?:playbook\s+state\s+|mark\s+(?:the\s+)?playbook\s+){_NAME}\s+(?:as\s+)?"
    r"(?P<state>[a-z]+(?:[ _-](?!because\b)[a-z]+){0,2})(?:\s+(?:because|--reason)\s+(?P<note>.+))?[.!]?",
    re.IGNORECASE | re.DOTALL,
)
_BECAUSE = re.compile(r"\A(?:--reason\s+|because\s+|reason:?\s+)", re.IGNORECASE)
_TRUSTED = re.compile(r"(?:--)?trusted[.!]?", re.IGNORECASE)
_MOST = 200
CHANGING = frozenset({Do.UPLOAD.value, Do.TRUST.value, Do.APPROVE.value, Do.REJECT.value})
"""Orders after which the card that was pressed shows something else."""


def ordered(text: str) -> Order | None:
    """Return the order that a text is, or None when it is a message to be understood."""
    plain = text.strip()
    if found := _LIST.fullmatch(plain):
        return Order(do=Do.LIST, text=(found["state"] or "").strip())
    if found := _FIND.fullmatch(plain):
        return Order(do=Do.FIND, text=found["text"].strip())
    if found := _STATE.fullmatch(plain):
        note = (found["note"] or "").strip()
        return Order(do=Do.STATE, name=found["name"], version=found["version"] or "", text=f"{found['state']}|{note}")
    found = _ABOUT.fullmatch(plain) or _TURNED.fullmatch(plain)
    return _about(found) if found else None


def _about(found: re.Match[str]) -> Order | None:
    do, rest = Do(found["do"].lower()), (found["text"] or "").strip()
    if do is Do.UPLOAD and _TRUSTED.fullmatch(rest):
        do, rest = Do.TRUST, ""
    if rest and do in {Do.SHOW, Do.EXPORT, Do.UPLOAD, Do.TRUST}:
        return None
    if do is Do.APPROVE and rest.endswith("?"):
        return None
    return Order(do=do, name=found["name"], version=found["version"] or "", text=_BECAUSE.sub("", rest))


def pressed(value: Mapping[str, str], inputs: Mapping[str, str]) -> Order | None:
    """Return the order that a press of a playbook's button is, or None when there is no such order."""
    if value.get("do") not in {one.value for one in Do} - {Do.NEW.value, Do.EDIT.value, Do.STATE.value}:
        return None
    text = inputs.get("reason") or inputs.get("text") or ""
    return Order(
        do=Do(value["do"]), name=value.get("playbook_id", ""), version=value.get("version", ""), text=text[: 10 * _MOST]
    )


def said(order: Order) -> str:
    """Return what is said instead of ordered, for what has to be understood first; empty for the other orders."""
    match order.do:
        case Do.FIND:
            return f"find a playbook for {order.text}"
        case Do.RUN:
            on = order.text.strip()
            joined = on if re.match(r"(?:on|with|for|against|in)\b", on, re.IGNORECASE) or not on else f"on {on}"
            pin = f'with {PIN}="{order.version}"' if order.version else ""
            return " ".join(word for word in ("run playbook", order.name, joined, pin) if word)
        case _:
            return ""
