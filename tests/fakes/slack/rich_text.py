"""Rich text: sections, lists, quotes and preformatted text made of styled runs.

Source: https://docs.slack.dev/reference/block-kit/blocks/rich-text-block/
"""

from tests.fakes.slack.shapes import Shape, array, boolean, integer, obj, one_of, string, typed

_DOCS = "https://docs.slack.dev/reference/block-kit/blocks/rich-text-block/"

_STYLE = Shape(docs=_DOCS, optional=dict.fromkeys(("bold", "italic", "strike", "code", "underline"), boolean))

_RUNS = typed(
    {
        "text": Shape(docs=_DOCS, required={"text": string(12_000, minimum=1)}, optional={"style": obj(_STYLE)}),
        "link": Shape(
            docs=_DOCS,
            required={"url": string(3000)},
            optional={"text": string(3000), "unsafe": boolean, "style": obj(_STYLE)},
        ),
        "emoji": Shape(docs=_DOCS, required={"name": string(100)}, optional={"unicode": string(64)}),
        "user": Shape(docs=_DOCS, required={"user_id": string(64)}, optional={"style": obj(_STYLE)}),
        "channel": Shape(docs=_DOCS, required={"channel_id": string(64)}, optional={"style": obj(_STYLE)}),
        "usergroup": Shape(docs=_DOCS, required={"usergroup_id": string(64)}, optional={"style": obj(_STYLE)}),
        "broadcast": Shape(docs=_DOCS, required={"range": one_of("here", "channel", "everyone")}),
        "date": Shape(
            docs=_DOCS,
            required={"timestamp": integer, "format": string(255)},
            optional={"url": string(3000), "fallback": string(255)},
        ),
    }
)

_SECTION = Shape(docs=_DOCS, required={"elements": array(_RUNS, maximum=1000, minimum=0)})

PARTS = typed(
    {
        "rich_text_section": _SECTION,
        "rich_text_list": Shape(
            docs=_DOCS,
            required={
                "style": one_of("bullet", "ordered"),
                "elements": array(typed({"rich_text_section": _SECTION}), maximum=1000),
            },
            optional={"indent": integer, "offset": integer, "border": integer},
        ),
        "rich_text_preformatted": Shape(
            docs=_DOCS,
            required={"elements": array(_RUNS, maximum=1000)},
            optional={"border": integer, "language": string(64)},
        ),
        "rich_text_quote": Shape(
            docs=_DOCS, required={"elements": array(_RUNS, maximum=1000)}, optional={"border": integer}
        ),
    }
)

RICH_TEXT = Shape(docs=_DOCS, required={"elements": array(PARTS, maximum=1000, minimum=0)})
RICH_TEXT_OBJECT = typed({"rich_text": RICH_TEXT}, always=("type", "block_id"))
