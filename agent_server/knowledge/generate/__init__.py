"""Makes the command reference and the vectors, at build time: `python -m agent_server.knowledge.generate [--check]`.

The only package of the agent server that may import a cloud SDK. It reads the SDKs' own descriptions of themselves; nothing is called.

- `aws`, `azure`, `gcp`: every operation of the installed SDKs as a `Command`.
- `sentences`: the first sentence of a piece of documentation.
- `__main__`: writes `data/`, or says what there is not current.
"""
