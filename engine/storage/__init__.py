"""The record: everything the runner must still know after a power cut, with nothing readable on disk.

- `master.MasterKey`: 32 bytes that live outside the data directory (keychain, environment, file).
- `keys.KeyRing`: what is derived from it: one data, blind-index, audit, matrix and session key per key epoch.
- `envelope`: AES-256-GCM around every column that is not an opaque id, a state, a time or a keyed hash.
- `database.Database`: SQLite (WAL, `synchronous=FULL`) or PostgreSQL; `transaction()` is one durable commit, and a
  `transaction()` inside another one joins it, so that a plan's state and its audit entry are written together.
- `tables`: every table; a column says itself whether it is sealed or a keyed hash.
- `plans`, `executions`, `journal`, `inbox`, `outbox`, `threads`, `cards`, `schedule_runs`, `reports`,
  `playbooks`, `playbook_runs`, `habits`, `settings_store`: one small store each, over bytes; what the bytes mean is their owner's business.
- `claim`: one process has a data directory.
- `key_epochs`, `rotation`: the wrapped keys, and how they are changed without losing a record.

Not here: cloud calls, decisions about plans, anything that parses a stored body.
All calls are synchronous; one commit costs about half a millisecond.
"""
