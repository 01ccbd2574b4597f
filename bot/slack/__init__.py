"""Slack as a chat surface: what arrives there becomes `Mention` and `Click`, what we say there goes through one client.

- `options`: how the app is connected, checked before anything starts.
- `client`: the port `ChatPlatform` over the Web API; `faults` says what each refusal of Slack means to the outbox.
- `listener`: slack-bolt in front of the inbox: persist, acknowledge, hand on. `sockets` keeps two Socket Mode
  connections open, `webhook` serves HTTP mode.
- `events`: payload → `Mention` / `Click`, pure. `words`: Slack's markup → what the person typed.
- `people`: who is behind a user id; a guest, a stranger or a bot is named as such and never decided about here.
- `dialogs`: what a press still needs (a reason, a typed confirmation) is asked in a modal. `home`: the App Home tab.
- `manifest`: the app manifest that `escher init slack` prints.

Not here: wording, roles, plans, order of messages. No other surface is imported.
"""
