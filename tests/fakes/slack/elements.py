"""Block elements and composition objects: which fields each may have and how long.

Sources: https://docs.slack.dev/reference/block-kit/block-elements/ and
https://docs.slack.dev/reference/block-kit/composition-objects/ (one page an object, named in `docs`).
"""

from typing import Any

from tests.fakes.slack.shapes import (
    Check,
    Report,
    Shape,
    array,
    at_least_one_of,
    boolean,
    integer,
    not_together,
    obj,
    one_of,
    string,
    text,
    typed,
)

_ELEMENTS = "https://docs.slack.dev/reference/block-kit/block-elements"
_OBJECTS = "https://docs.slack.dev/reference/block-kit/composition-objects"

ACTION_ID = string(255)

CONFIRM = Shape(
    docs=f"{_OBJECTS}/confirmation-dialog-object/",
    required={
        "title": text(100, "plain_text"),
        "text": text(300),
        "confirm": text(30, "plain_text"),
        "deny": text(30, "plain_text"),
    },
    optional={"style": one_of("primary", "danger")},
)

OPTION = Shape(
    docs=f"{_OBJECTS}/option-object/",
    required={"text": text(75), "value": string(150)},
    optional={"description": text(75), "url": string(3000)},
)

OPTION_GROUP = Shape(
    docs=f"{_OBJECTS}/option-group-object/",
    required={"label": text(75, "plain_text"), "options": array(obj(OPTION), maximum=100)},
)

SLACK_FILE = Shape(
    docs=f"{_OBJECTS}/slack-file-object/",
    optional={"id": string(255), "url": string(3000)},
    rules=(at_least_one_of("id", "url"),),
)

DISPATCH = Shape(
    docs=f"{_OBJECTS}/dispatch-action-configuration-object/",
    optional={"trigger_actions_on": array(one_of("on_enter_pressed", "on_character_entered"), maximum=2)},
)


def image_url(value: Any, path: str, report: Report) -> None:
    """Accept an http(s) address of at most 3,000 characters.

    Source: https://docs.slack.dev/reference/block-kit/blocks/image-block/
    """
    string(3000)(value, path, report)
    if isinstance(value, str) and not value.startswith(("https://", "http://")):
        report.add("invalid image url", path)


IMAGE = Shape(
    docs=f"{_ELEMENTS}/image-element/",
    required={"alt_text": string(2000)},
    optional={"image_url": image_url, "slack_file": obj(SLACK_FILE)},
    rules=(at_least_one_of("image_url", "slack_file"), not_together("image_url", "slack_file")),
)

BUTTON = Shape(
    docs=f"{_ELEMENTS}/button-element/",
    required={"text": text(75, "plain_text")},
    optional={
        "action_id": ACTION_ID,
        "url": string(3000),
        "value": string(2000, minimum=0),
        "style": one_of("primary", "danger"),
        "confirm": obj(CONFIRM),
        "accessibility_label": string(75),
    },
)

_FOCUS: dict[str, Check] = {
    "action_id": ACTION_ID,
    "confirm": obj(CONFIRM),
    "focus_on_load": boolean,
    "placeholder": text(150, "plain_text"),
}
_CHOICES: dict[str, Check] = {
    "options": array(obj(OPTION), maximum=100),
    "option_groups": array(obj(OPTION_GROUP), maximum=100),
}
_ONE_LIST = (at_least_one_of("options", "option_groups"), not_together("options", "option_groups"))

INTERACTIVE: dict[str, Shape] = {
    "button": BUTTON,
    "overflow": Shape(
        docs=f"{_ELEMENTS}/overflow-menu-element/",
        required={"options": array(obj(OPTION), maximum=5)},
        optional={"action_id": ACTION_ID, "confirm": obj(CONFIRM)},
    ),
    "static_select": Shape(
        docs=f"{_ELEMENTS}/select-menu-element/",
        optional={**_FOCUS, **_CHOICES, "initial_option": obj(OPTION)},
        rules=_ONE_LIST,
    ),
    "multi_static_select": Shape(
        docs=f"{_ELEMENTS}/multi-select-menu-element/",
        optional={
            **_FOCUS,
            **_CHOICES,
            "initial_options": array(obj(OPTION), maximum=100),
            "max_selected_items": integer,
        },
        rules=_ONE_LIST,
    ),
    "users_select": Shape(
        docs=f"{_ELEMENTS}/select-menu-element/#users_select", optional={**_FOCUS, "initial_user": string(64)}
    ),
    "datepicker": Shape(
        docs=f"{_ELEMENTS}/date-picker-element/", optional={**_FOCUS, "initial_date": string(10, minimum=10)}
    ),
    "timepicker": Shape(
        docs=f"{_ELEMENTS}/time-picker-element/",
        optional={**_FOCUS, "initial_time": string(5, minimum=5), "timezone": string(64)},
    ),
    "checkboxes": Shape(
        docs=f"{_ELEMENTS}/checkboxes-element/",
        required={"options": array(obj(OPTION), maximum=10)},
        optional={
            "action_id": ACTION_ID,
            "confirm": obj(CONFIRM),
            "focus_on_load": boolean,
            "initial_options": array(obj(OPTION), maximum=10),
        },
    ),
    "radio_buttons": Shape(
        docs=f"{_ELEMENTS}/radio-button-group-element/",
        required={"options": array(obj(OPTION), maximum=10)},
        optional={
            "action_id": ACTION_ID,
            "confirm": obj(CONFIRM),
            "focus_on_load": boolean,
            "initial_option": obj(OPTION),
        },
    ),
}

INPUTS: dict[str, Shape] = {
    "plain_text_input": Shape(
        docs=f"{_ELEMENTS}/plain-text-input-element/",
        optional={
            "action_id": ACTION_ID,
            "focus_on_load": boolean,
            "placeholder": text(150, "plain_text"),
            "initial_value": string(3000, minimum=0),
            "multiline": boolean,
            "min_length": integer,
            "max_length": integer,
            "dispatch_action_config": obj(DISPATCH),
        },
    ),
    **{name: INTERACTIVE[name] for name in INTERACTIVE if name not in {"button", "overflow"}},
}

FEEDBACK = Shape(
    docs=f"{_ELEMENTS}/feedback-buttons-element/",
    required={"text": text(75, "plain_text"), "value": string(2000)},
    optional={"accessibility_label": string(75)},
)

CONTEXT_ACTIONS: dict[str, Shape] = {
    "feedback_buttons": Shape(
        docs=f"{_ELEMENTS}/feedback-buttons-element/",
        required={"positive_button": obj(FEEDBACK), "negative_button": obj(FEEDBACK)},
        optional={"action_id": ACTION_ID},
    ),
    "icon_button": Shape(
        docs=f"{_ELEMENTS}/icon-button-element/",
        required={"icon": one_of("trash"), "text": text(75, "plain_text")},
        optional={
            "action_id": ACTION_ID,
            "value": string(2000),
            "confirm": obj(CONFIRM),
            "accessibility_label": string(75),
            "visible_to_user_ids": array(string(64), maximum=10),
        },
    ),
}

URL_SOURCE = Shape(
    docs=f"{_ELEMENTS}/url-source-element/",
    required={"url": string(3000), "text": string(255)},
)

ACCESSORY = typed({**INTERACTIVE, "image": IMAGE})
