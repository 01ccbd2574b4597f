"""The runner: chat surfaces around the engine.

- `app` is the composition root, `runner` what it composes, `serving` a runner as a process; `settings` is the only reader of the
  environment here, `cli` and `commands/` are the command `escher`.
- `platform` is the port every chat surface implements, `messages` what arrives (`Mention`, `Click`) and where a sent card lives.
  `slack/`, `teams/`, `web/` and `terminal/` implement it and know nothing of each other.
- `inbox` makes an event durable before it is acknowledged; `conversation` decides what is said, the same on every surface:
  a `turn`; `spoken` and `ordering` know the exact forms of words, `playbook_turns` which card shows a playbook; `outbox` makes what is shown durable, coalesces it and keeps every platform's limits.
- `views/` turns engine values into components; `reporting` posts the morning report at its time, `backups` keeps the record elsewhere,
  woken by `timer`.
- `settable` lists what may be set without the file, `settings_desk` sets it, `settings_talk` does so in a conversation. `login` is the
  runner's own login at the agent server's issuer.
- `demo` is the try-out: it starts local clouds, the agent server and a runner as child processes.

May not be here: a cloud SDK, a decision about who may do what, wording inside a surface.
"""
