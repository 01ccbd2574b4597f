"""Every model on the wire between runner and agent server, and what else both must see alike.

`types` is the one table of resource types, `lifecycle` that of a playbook's life, `patterns` how a text is judged by somebody else's pattern,
`placeholders` where a playbook's values stand, `soundness` what makes no sense in a playbook.
"""
