"""What exists, as far as Escher could see it.

`Resource` is one thing that exists; `Selector` a question about things, made from an intent by `asked.from_intent`; `ScanCell`
is account x region x service, `CellScan` how one reading of it ended, `CellState` how well it is known.

`sync` reads the cells through `engine.clouds.ports` and fills the `EstateStore`; `search` answers exactly by filters, or by meaning
when things were described. Top-k is never a target list, and has a type of its own.

Behind the store stands a `VectorIndex` (`edge` in process, `server` elsewhere), which sees envelopes, keyed hashes and turned
vectors only (`sealed`, `rotation`); beside it a few `columns` in memory for what hashes cannot answer. Nothing here calls a
cloud or decides whether something may be done.
"""
