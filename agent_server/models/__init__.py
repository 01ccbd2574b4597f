"""Models behind one port (`port`): the offline planner, Claude, and a scripted one for tests.

- `deterministic`: the rules, which always answer; `offline` understands words for them.
- `anthropic`: Claude beside the rules; `calling` is its one way out, within time, retries and the tenant's `budget`; `metering` counts.
- `prompts`, `merging`: what Claude is told of a message or a plan, and the safer of two readings; `ranking` and `drafting` do both for playbooks.

A further vendor is two files: its calls, and what it adds to the rules.
"""
