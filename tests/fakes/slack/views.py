"""views.*: modals and the Home tab.

Sources: https://docs.slack.dev/reference/methods/views.open/ (trigger ids live 3 seconds and work once), views.update/,
views.push/, views.publish/ and https://docs.slack.dev/reference/views/ (title, submit and close 24 characters,
private_metadata 3,000, callback_id and external_id 255, 100 blocks, at most 3 modals on each other).
"""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.fakes.slack.blocks import check_blocks
from tests.fakes.slack.calls import Method, parsed
from tests.fakes.slack.errors import Json, SlackError
from tests.fakes.slack.pacing import TIER_4
from tests.fakes.slack.shapes import Report, Shape, boolean, conform, string, text
from tests.fakes.slack.workspace import APP, BOT_ID, TEAM

if TYPE_CHECKING:
    from tests.fakes.slack.state import State

_DOCS = "https://docs.slack.dev/reference/views/"
TRIGGER_SECONDS = 3.0
MODAL_STACK = 3


def _anything(_value: Any, _path: str, _report: Report) -> None:
    """Blocks are checked by `check_blocks`."""


_COMMON = {"private_metadata": string(3000, minimum=0), "callback_id": string(255), "external_id": string(255)}
_VIEWS = {
    "modal": Shape(
        docs=f"{_DOCS}modal-views/",
        required={"title": text(24, "plain_text"), "blocks": _anything},
        optional={
            **_COMMON,
            "submit": text(24, "plain_text"),
            "close": text(24, "plain_text"),
            "clear_on_close": boolean,
            "notify_on_close": boolean,
            "submit_disabled": boolean,
        },
    ),
    "home": Shape(docs=f"{_DOCS}home-tab-views/", required={"blocks": _anything}, optional=_COMMON),
}


@dataclass(slots=True, kw_only=True)
class View:
    """A modal or Home tab that a user sees.

    Attributes:
        id: View id.
        user: Who sees it.
        content: The view as the app sent it.
        hash: Changes with each version.
        open: Whether it is still on the screen.
        errors: What the app complained about at the last submission, by block id.
    """

    id: str
    user: str
    content: Json
    hash: str
    open: bool = True
    errors: dict[str, str] = field(default_factory=dict)

    def as_json(self, values: Json | None = None) -> Json:
        """Return the view object with its state."""
        return {
            "id": self.id,
            "team_id": TEAM,
            "private_metadata": "",
            "callback_id": "",
            "external_id": "",
            "close": None,
            "submit": None,
            "clear_on_close": False,
            "notify_on_close": False,
            **self.content,
            "state": {"values": values or {}},
            "hash": self.hash,
            "root_view_id": self.id,
            "previous_view_id": None,
            "app_id": APP,
            "app_installed_team_id": TEAM,
            "bot_id": BOT_ID,
        }


def check_view(view: Any, kind: str, state: "State") -> Json:
    """Refuse a view that Slack would refuse, and return it.

    Raises:
        SlackError: `invalid_arguments` with a line for each fault.
    """
    if not isinstance(view, dict) or view.get("type") != kind:
        raise SlackError(code="invalid_arguments", messages=[f"unsupported type [json-pointer:/view/type] ({kind})"])
    report = Report(surface=kind)
    conform(view, "/view", report, _VIEWS[kind])
    blocks = view.get("blocks") or []
    try:
        check_blocks(blocks, surface=kind)
    except SlackError as error:
        report.complaints += error.messages or [error.code]
    has_input = any(isinstance(block, dict) and block.get("type") == "input" for block in blocks)
    if kind == "modal" and has_input and not view.get("submit"):
        report.add("missing required field: submit", "/view")
    if report.complaints:
        raise SlackError(code="invalid_arguments", messages=report.complaints)
    return {
        **view,
        "blocks": [{**block, "block_id": block.get("block_id") or state.workspace.new_id("blk")} for block in blocks],
    }


def _view(arguments: Json) -> Any:
    return parsed(arguments, "view", "invalid_arguments")


def open_view(state: "State", arguments: Json) -> Json:
    """Open a modal for the person whose action gave the trigger id."""
    user = state.use_trigger(arguments["trigger_id"])
    content = check_view(_view(arguments), "modal", state)
    _check_external_id(state, content)
    if sum(1 for view in state.views.values() if view.user == user and view.open) >= MODAL_STACK:
        raise SlackError(code="push_limit_reached")
    return {"view": state.add_view(user, content).as_json()}


def update_view(state: "State", arguments: Json) -> Json:
    """Replace what a modal shows; a given `hash` must be the present one."""
    view = _find(state, arguments)
    if arguments.get("hash") and arguments["hash"] != view.hash:
        raise SlackError(code="hash_conflict")
    view.content = check_view(_view(arguments), "modal", state)
    view.hash = state.workspace.new_id("hash")
    state.changed()
    return {"view": view.as_json()}


def publish(state: "State", arguments: Json) -> Json:
    """Set what a user's Home tab shows."""
    user = state.workspace.user(arguments["user_id"]).id
    content = check_view(_view(arguments), "home", state)
    view = View(id=state.workspace.new_id("V"), user=user, content=content, hash=state.workspace.new_id("hash"))
    state.homes[user] = view
    state.changed()
    return {"view": view.as_json()}


def _find(state: "State", arguments: Json) -> View:
    if view_id := arguments.get("view_id"):
        found = state.views.get(view_id)
    else:
        wanted = arguments.get("external_id")
        found = next((v for v in state.views.values() if wanted and v.content.get("external_id") == wanted), None)
    if found is None or not found.open:
        raise SlackError(code="not_found")
    return found


def _check_external_id(state: "State", content: Json) -> None:
    wanted = content.get("external_id")
    if wanted and any(view.content.get("external_id") == wanted for view in state.views.values()):
        raise SlackError(code="duplicate_external_id")


METHODS = {
    "views.open": Method(handler=open_view, tier=TIER_4, required=("trigger_id", "view")),
    "views.push": Method(handler=open_view, tier=TIER_4, required=("trigger_id", "view")),
    "views.update": Method(
        handler=update_view, tier=TIER_4, required=("view",), optional=("view_id", "external_id", "hash")
    ),
    "views.publish": Method(handler=publish, tier=TIER_4, required=("user_id", "view"), optional=("hash",)),
}
