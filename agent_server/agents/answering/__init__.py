"""Questions about a report or about money, answered from the figures that came along and from nothing else. Pure.

- `asking`: what is asked: the subject, the period, and with `narrowing` what it is narrowed to.
- `periods`, `spending`, `window`: which days, and what was spent on them by service, cloud, environment, account, region, team or kind, or by two of them.
- `figures`: every number that is said, each given by the snapshot or made from given ones by one named step of arithmetic.
- `money`, `ranking`, `comparing`, `moves`, `growth`, `peak`, `untagged`, `lines`, `overview`: the answers themselves; `tables`: their cards; `draft`: one before it goes on the wire.
- `answer`: from a request to a reply; `founded`: whether a text holds only numbers that were computed.

May not be here: a number that `figures` does not know, a name (things are handles), an estimate.
"""
