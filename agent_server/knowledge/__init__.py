"""What the agent server knows of three clouds, and how it is found. All of it is data in the package; nothing is learnt at run time.

- `library`: the curated playbooks, one TOML file each in `library/<cloud>/`.

May not be here: a cloud SDK (but in `generate`, at build time), a file opened for writing, a socket, anything of a tenant's.
"""
