"""From words to a plan that can be approved.

`redaction` takes identities out of the words before they leave; `context` gives targets per-request handles; `planner` is the port
to the agent server, `wire` the requests themselves, `login`, `tokens` and `keeping` how the runner shows who it is there; `admission` is
the only door between a proposal and a `Plan`, `following` what a playbook is held to there, `hindrances` what keeps one from being followed
at all; `risk` judges the admitted operations; `plan` is the frozen, digested result. Everything but those requests is pure: values in, values out.
"""
