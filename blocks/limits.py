"""Every platform limit that a card must keep, with its source. All counts are characters unless said otherwise."""

from typing import Final

SLACK_BLOCKS: Final = 50
"""Blocks in one message. https://docs.slack.dev/reference/block-kit/blocks"""

SLACK_MESSAGE: Final = 10_000
"""Our ceiling for the JSON of all blocks. Slack answers `msg_blocks_too_long` near 13,200 (observed); we keep a quarter."""

SLACK_FALLBACK: Final = 3_000
"""Our ceiling for the message's `text`. Slack truncates at 40,000 and recommends 4,000.
https://docs.slack.dev/reference/methods/chat.postMessage"""

SLACK_SECTION: Final = 3_000
"""Text of a section. https://docs.slack.dev/reference/block-kit/blocks/section-block"""

SLACK_HEADER: Final = 150
"""Text of a header. https://docs.slack.dev/reference/block-kit/blocks/header-block"""

SLACK_CONTEXT_TEXT: Final = 2_000
"""Text of one context element. https://docs.slack.dev/reference/block-kit/blocks/context-block"""

SLACK_CONTEXT_ELEMENTS: Final = 10
"""Elements of a context block. https://docs.slack.dev/reference/block-kit/blocks/context-block"""

SLACK_ACTIONS_ELEMENTS: Final = 25
"""Elements of an actions block. https://docs.slack.dev/reference/block-kit/blocks/actions-block"""

SLACK_BUTTON_TEXT: Final = 75
"""Label of a button. https://docs.slack.dev/reference/block-kit/block-elements/button-element"""

SLACK_BUTTON_VALUE: Final = 2_000
"""Value of a button. https://docs.slack.dev/reference/block-kit/block-elements/button-element"""

SLACK_ID: Final = 255
"""`block_id` and `action_id`. https://docs.slack.dev/reference/block-kit/blocks"""

SLACK_CONFIRM_TITLE: Final = 100
"""https://docs.slack.dev/reference/block-kit/composition-objects/confirmation-dialog-object"""

SLACK_CONFIRM_TEXT: Final = 300
"""https://docs.slack.dev/reference/block-kit/composition-objects/confirmation-dialog-object"""

SLACK_TABLES: Final = 1
"""Table blocks in one message. https://docs.slack.dev/reference/block-kit/blocks/table-block"""

SLACK_TABLE_ROWS: Final = 100
"""Rows of a table, its header row included. https://docs.slack.dev/reference/block-kit/blocks/table-block"""

SLACK_TABLE_CELLS: Final = 20
"""Cells of a table row. https://docs.slack.dev/reference/block-kit/blocks/table-block"""

SLACK_PLAN_TASKS: Final = 30
"""Our ceiling for the tasks of a plan block: more is a wall on a phone."""

SLACK_TASK_TITLE: Final = 150
"""Our ceiling for the titles of a plan and its tasks; 255 are safe.
https://docs.slack.dev/reference/block-kit/blocks/task-card-block"""

SLACK_MODAL_TITLE: Final = 24
"""Title, submit and close of a modal. https://docs.slack.dev/reference/views/modal-views"""

SLACK_PRIVATE_METADATA: Final = 3_000
"""https://docs.slack.dev/reference/views/modal-views"""

SLACK_INPUT_LABEL: Final = 2_000
"""Label of an input block. https://docs.slack.dev/reference/block-kit/blocks/input-block"""

SLACK_PLACEHOLDER: Final = 150
"""Placeholder of a text input. https://docs.slack.dev/reference/block-kit/block-elements/plain-text-input-element"""

SLACK_ALT_TEXT: Final = 2_000
"""Alternative text of an image. https://docs.slack.dev/reference/block-kit/blocks/image-block"""

CARD_VERSION: Final = "1.5"
"""Highest Adaptive Card version that Teams accepts from bots.
https://learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/cards/cards-reference"""

CARD_CHARACTERS: Final = 18_000
"""Our ceiling for a card's JSON. Teams takes about 28 KB a card and 100 KB a message, counted as UTF-16.
https://learn.microsoft.com/microsoftteams/platform/bots/how-to/format-your-bot-messages"""

CARD_ACTIONS: Final = 6
"""Primary actions of a card in Teams; more are not shown.
https://learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/cards/cards-actions"""

CARD_TITLE: Final = 60
"""Our ceiling for a button's title, so that six of them stay readable."""

TEXT_COLUMNS: Final = 100
"""Width of plain text."""

SHOWN_ROWS: Final = 8
"""Targets shown on a plan before "and N more": what fits a phone without scrolling past the buttons."""
