"""What the agent server knows of three clouds, and how it is found. All of it is data in the package; nothing is learnt at run time.

- `library`: the curated playbooks, one TOML file each in `library/<cloud>/`.
- `commands`: every operation of the clouds' SDKs, a table in `data/`; `effects`: what an operation does, by its name; `sayings`: what operators say
  when they need one, a table for each cloud in `sayings/`.
- `equivalents`: what the clouds call the same thing, a table; `practices`: best practices, one TOML file for each cloud in `advice/`.
- `store`: `Knowledge`, what the agents ask. Behind it `question` (words, synonyms, what is meant), `search` (`Index` over entries of any
  kind), `operations` (the same over commands), `lexical` and `words` (by words), `vectors` and `meaning` (by meaning).
- `warming`: loads all of it beside the answering, once the server is ready.
- `generate`: makes `data/` at build time from the installed SDKs.

May not be here: a cloud SDK (but in `generate`, at build time), a file opened for writing, a socket, anything of a tenant's.
"""
