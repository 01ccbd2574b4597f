"""One file for each thing people talk about besides resources: reports, settings, alerts, playbooks, help, money, small talk.

Each exports one function that takes a `View` and returns a `Topic`, or None when the message is about something else.
"""
