"""Cards: what is said (`components/`), how it is laid out (`layout/`), and three ways to show it.

`components/` holds the models that views build. `layout/` turns any component into a short list of neutral parts
(headline, lines, facts, rows, tasks, buttons…), so that all surfaces say the same facts in the same order. `slack`,
`adaptive` and `text` draw those parts as Block Kit, an Adaptive Card and plain text; `slack_modals` draws the dialogs
that a press may need. `escape` makes foreign text harmless, `limits` holds every platform limit with its source,
`fitting` trims a card that would be too large, `wording` says numbers as people say them.

Everything is a pure function of its arguments. No other package of ours and no chat SDK may be imported here.
"""
