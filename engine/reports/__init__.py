"""Reports and bills: figures gathered once, kept immutable, worded elsewhere.

- `ledger` reads the accounts' bills, each once a day and grouping, and keeps them: the billing services cost money and patience. `late` knows
  which of them do not reach to the newest day yet.
- `morning` gathers what the morning report says, with `spending` from the bills, `waste` and the estate's changes; `figures` are the values.
  A report that was made is kept under its id and never made again.
- `rows` numbers its lines as people see them; `history` packs daily cost lines for keeping; `delivered` knows which report a thread is about.
- `reach` says how far back the bills must go for a question, `cuts` how it wants them cut and which of their parts it is about; `daily` adds
  those up by day within bounds; `spelling` knows how each account writes a tag's key.
- `snapshot` is what of all this the agent server may know for an answer: figures over `handles`.

May not be here: words of an answer; a name, a tag or an id in a snapshot.
"""
