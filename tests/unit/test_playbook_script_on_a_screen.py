"""A script is somebody else's text; on a screen it shows what it is."""

import sys

import pytest

from bot.commands import playbook as commands

HOSTILE = "#!/bin/sh\n\techo hello\n\x1b[2K\x1b]0;title\x07rm -rf ~ # \u202egnp.\r\x9b1A\n"


@pytest.mark.parametrize(("screen", "whole"), [(True, False), (False, True)])
def test_nothing_of_a_script_moves_the_cursor_or_hides_and_a_file_gets_it_as_it_is(
    screen, whole, monkeypatch, capsysbinary
):
    """Escape sequences, carriage returns and reversed writing are marks; lines and tabs stay."""
    monkeypatch.setattr(sys.stdout, "isatty", lambda: screen)
    monkeypatch.setattr(commands, "call", lambda *_args, **_more: {"shape": {"text": HOSTILE}, "text": ""})
    commands.script("some", config=None)
    shown = capsysbinary.readouterr().out.decode()
    assert (shown == HOSTILE) is whole
    if screen:
        assert shown.startswith("#!/bin/sh\n\techo hello\n�[2K�]0;title�rm -rf ~")
        assert not any(sign in shown for sign in ("\x1b", "\x07", "\r", "\x9b", "\u202e"))
