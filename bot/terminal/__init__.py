"""The terminal: `escher ask` and its siblings, through the runner's Unix socket or, when none runs, in this process.

`methods` is what can be asked of a runner, as JSON in and out, `operating` what of it is about Escher itself; `listener` serves it on the
socket and takes the caller's identity from the kernel; `client` is the chat port of terminal threads; `shapes` are the JSON forms of
`interfaces`.
"""
