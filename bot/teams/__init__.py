"""Microsoft Teams as a chat surface: what arrives there becomes `Mention` and `Click`, what we say goes through one client.

- `options`: how the bot is registered, checked before anything starts.
- `listener`: our own route in front of the inbox: check who sends, persist, acknowledge, hand on. `webhook` is its server.
- `gate`: who may speak to the route: signed by the Bot Framework for us, from an allowed tenant; in the try-out only this
  machine. `signing` keeps the Bot Framework's public keys.
- `activities`: the raw activity, read once. `events`: activity → `Mention` / `Click`, pure. `words`: what the person typed.
- `people`: who is behind an account; guests and people of other tenants are named as such and never decided about here.
- `addresses`: where conversations and people are reached, kept durably, so that we can speak first.
- `client`: the port `ChatPlatform`; `connector` is Microsoft's SDK behind it, `faults` what its refusals mean.
- `manifest`: the app package that `escher init teams` writes.

Only `connector` and `signing` know the SDK, so that its successor changes two files. Not here: wording, roles, plans, order
of messages. No other surface is imported.
"""
