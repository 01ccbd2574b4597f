"""The agent server: understands words and proposes plans, and forgets both.

It never holds credentials, identities or real ids: words come with pseudonyms, targets as per-request handles. What it answers is
untrusted by the runner, which admits it or not.

- `embedding`: text to meaning; the one package besides `contract` that the runner imports too.
- `knowledge`: what it knows of three clouds: playbooks, commands, practices, equivalents, and how they are found.
- `contract`: every model on the wire, and the table of resource types.
- `agents`: pure decisions: the operations agent plans, `validation` checks and mends, `risk` judges.
- `models`: the port to a language model; Claude, the offline planner, a scripted one for tests.
- `door`, `auth`, `limiting`, `credentials`, `problems`: who may ask, how often, how much, and how a "no" is said.
- `registry`: what tenants published of their playbooks; the one part that stores, and off unless the operator opts in.
- `app`: puts it together. `settings`: the only reader of the environment.

May not be here: `bot`, `engine`, a keychain, a cloud SDK (but S3 in `registry.scripts`), a file opened for writing, a socket but the model's,
the token issuer's and the registry's.
"""
