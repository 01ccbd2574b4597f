"""`escher demo` where the try-out's packages are not installed, as in the image."""

import sys

import pytest

from bot.commands.serve import demo
from bot.commands.telling import CommandFailed


def test_the_try_out_says_what_it_needs_before_it_starts_anything(monkeypatch: pytest.MonkeyPatch) -> None:
    """One sentence with the extra to install, and no traceback of a child process."""
    monkeypatch.setitem(sys.modules, "moto", None)
    with pytest.raises(CommandFailed, match=r"the try-out needs moto, .* install escher\[sandbox\]") as failed:
        demo(no_browser=True)
    assert failed.value.code == 2
