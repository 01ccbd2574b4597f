"""The web console: a chat page on loopback with the same cards that Teams shows, for try-outs and for people without a chat.

- `rooms`: what a room shows, folded from the entries of its log; pure.
- `client`: the port `ChatPlatform`: keeps each room's log durable and sealed, and tells the open pages.
- `listener`: the server on 127.0.0.1; what is said or pressed is durable in the inbox before it is acknowledged.
- `api`: the requests of the page. `gate`: who may ask at all: host, origin, session, and the headers of every answer.
- `doors`: one-time links and the sessions they open. `assets`: the page itself, from `static/`.

The page draws cards with Microsoft's own `adaptivecards` (`static/vendor/`), loads nothing from anywhere else and has no
inline script or style. Not here: wording, roles, plans, rendering of components. No other surface is imported.
"""
