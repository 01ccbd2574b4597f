"""Help: how Escher works, what the clouds call things, how to do them well, what it cannot do yet. Answered by rule and search, with the source.

- `escher`: about Escher itself, by rules.
- `naming`: what a thing is called elsewhere, what differs, what a word means.
- `commands`: which operation or right is needed for something.
- `practices`: how something is done well.
- `unable`: what is recognised but not done yet, with the nearest that is.
- `help`: their order. What none of them knows is said to be not known.

May not be here: a network, a model, a sentence that claims what no source says.
"""
