"""What a person reads when a command was typed wrongly, or broke where nobody expected it: one sentence and what to do."""

import traceback
from pathlib import Path
from types import TracebackType

import typer

_OURS = Path(__file__).resolve().parents[2]
_PLAIN = {
    "Value error, ": "",
    "Input should be a valid integer, unable to parse string as an integer": "write a whole number",
    "Input should be ": "it must be ",
    ". Did you mean": ", did you mean",
}


def sentence(error: Exception) -> tuple[str, int]:
    """Return the sentence and the exit code.

    Args:
        error: A usage error of typer, an error of the operating system, or anything else.
    """
    if isinstance(error, typer.TyperException):
        return _usage(error), 2
    if isinstance(error, typer.Abort):
        return "nothing was given; nothing was done", 1
    if isinstance(error, OSError) and error.filename is not None:
        why = (error.strerror or type(error).__name__).lower()
        return f"{error.filename} cannot be used: {why}; mend that and try again", 3
    # Not its text: it may quote what was said, or a secret.
    where = _place(error.__traceback__)
    return f"something broke ({type(error).__name__}{where}); `escher doctor` looks for what is wrong", 3


def _usage(error: typer.TyperException) -> str:
    """Return what is wrong with the words of a command; typer knows the command it had come to."""
    context = getattr(error, "ctx", None)
    command = getattr(context, "command_path", "") or "escher"
    text = " ".join(error.format_message().split()).rstrip(".?")
    if not text:  # typer has printed the help
        return f"say what `{command}` should do; the lines above list it"
    for theirs, plain in _PLAIN.items():
        text = text.replace(theirs, plain)
    return f"{text[:1].lower()}{text[1:]}; `{command} --help` says what it takes"


def _place(trace: TracebackType | None) -> str:
    ours = [
        frame for frame in traceback.extract_tb(trace) if Path(frame.filename).is_relative_to(_OURS) and frame.lineno
    ]
    kept = [frame for frame in ours if "site-packages" not in frame.filename]
    return f" at {Path(kept[-1].filename).relative_to(_OURS)}:{kept[-1].lineno}" if kept else ""
