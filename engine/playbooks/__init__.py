"""Playbooks on the runner's side: kept here whole and sealed, found with the agent server's help, followed only through admission.

- `shelf` is the local store with its rules: versions never change, states follow the one table of `agent_server.contract.lifecycle`,
  every change is in the audit trail. `rules` says who may do what; `importing` reads a playbook from a TOML file.
- `server` is the port to the agent server's playbook calls, `scripts` fetches a published script and checks it. What either returns
  is untrusted: it is shown as plain text and held against the catalogue before anything is planned with it.
- `story` answers people, and `orders` is what they can order; `sources` finds, `making` saves (`drafted`: only what was done), `publishing`
  uploads and reviews, `running` asks for values and has a plan made; `words` reads values out of a message.
- `usage` counts runs, and tells the registry numbers only; `habits` notices what is planned again and again.

May not be here: running anything. A playbook becomes steps of a plan in `engine.proposing`; its scripts are text to copy.
"""
