"""The audit trail: what happened, who wanted it, and a proof that nothing was changed since.

- `events.AuditEvent`: one append-only fact; its tag `subject:object:action` comes from a closed list.
- `log.AuditLog`: writes events inside the call that they are about, in the same transaction when there is one.
- `chain`: the bytes that are hashed, keyed and signed; the one place that spells them.
- `checkpoints`: signed statements "N entries, this head, these records at these versions".
- `verify`: recomputes all of it over the stored bytes, and compares with an anchor kept elsewhere.
- `export`: readable JSON lines with a signature, for people outside.

Not here: decisions, cards, anything that changes or removes an entry.
"""
