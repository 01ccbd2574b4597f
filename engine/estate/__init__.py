"""What exists, as far as Escher could see it.

`Resource` is one thing that exists; `Selector` a question about things; `ScanCell` is account x region x service, and
`CellScan` how reading it ended. `sync` fills the store cell by cell; `search` answers exactly by filters or by meaning.
Top-k is never a target list. Nothing here calls a cloud itself: it goes through `engine.clouds.ports`.
"""
