"""How bad something is and what to do next, over handles. Pure and table-driven.

- `events.tsv`, `events`: every event code that is known: how much it weighs by itself, whether it can be taken back, what it means, what to do.
- `severity`: weight by event, environment, data, exposure, reversibility and time, each with its reason.
- `failures.tsv`, `failures`: what the clouds' error codes come down to, and what helps.
- `remedies`: best practices and playbooks that help against an event.
- `outcome`: the end of an execution; `assess`: the way in.

May not be here: a sentence that repeats an event's own words. What comes from outside is counted and compared, never quoted.
"""
