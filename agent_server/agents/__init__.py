"""Decisions over what is on the wire: parts, capabilities, plans, checks, risk, wording. Pure but for `playbook`: no I/O, no clock, no model.

- `danger` decides what is dangerous: by what was understood (`guardrails`), by what words try (`tampering`), and by the words alone
  (`alarm`); `politeness` says hedged requests plainly, for it and for the offline parser.
- `operations` plans: `following` from a playbook (`filling`), else from the capabilities; `fitting` names playbooks
  that do the same.
- `playbook` finds playbooks in four steps (`need`, candidates, `ranking`, package); it alone reads the registry.
- `drafting` makes a playbook of what was done (`lifting` finds its parameters); `scripting` says typed steps as scripts.
- `answering`, `assessing`: words for figures, judgements of events.
"""
