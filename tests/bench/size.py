"""How large it is: `python -m tests.bench.size`: our lines of code, and what an installation takes.

Lines of code are lines with something on them that is neither comment nor docstring. An installation is counted
file by file, as its packages say what belongs to them, with their compiled forms.
"""

import ast
import io
import tokenize
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.bench._measuring import say, table

ROOT = Path(__file__).parents[2]
PACKAGES = ("bot", "engine", "agent_server", "blocks", "tests")
_SILENT = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}
_MOST_SHOWN = 12
_MB = 1024 * 1024


def code_lines(text: str) -> int:
    """Count the lines of a module that hold code."""
    lines: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type not in _SILENT:
            lines.update(range(token.start[0], token.end[0] + 1))
    return len(lines - set(docstring_lines(ast.parse(text))))


def docstring_lines(tree: ast.Module) -> Iterator[int]:
    """Yield the lines of all docstrings, those under attributes too."""
    for node in ast.walk(tree):
        for child in getattr(node, "body", None) or () if not isinstance(node, ast.Lambda | ast.IfExp) else ():
            if (
                isinstance(child, ast.Expr)
                and isinstance(child.value, ast.Constant)
                and isinstance(child.value.value, str)
            ):
                yield from range(child.lineno, (child.end_lineno or child.lineno) + 1)


def installed(name: str, extras: frozenset[str]) -> dict[str, int]:
    """Return the bytes of each distribution that `name` with `extras` needs here, itself included."""
    found: dict[str, int] = {}
    waiting = [(name, extras)]
    seen: set[tuple[str, frozenset[str]]] = set()
    while waiting:
        one = waiting.pop()
        if one in seen:
            continue
        seen.add(one)
        try:
            distribution = metadata.distribution(one[0])
        except metadata.PackageNotFoundError:
            continue
        found[canonicalize_name(one[0])] = weight(distribution)
        for requirement in map(Requirement, distribution.requires or ()):
            wanted = {"", *one[1]}
            if requirement.marker is None or any(requirement.marker.evaluate({"extra": extra}) for extra in wanted):
                waiting.append((requirement.name, frozenset(requirement.extras)))
    return found


def weight(distribution: metadata.Distribution) -> int:
    """Return how many bytes a distribution's files occupy."""
    paths = [Path(str(distribution.locate_file(file))) for file in distribution.files or ()]
    return sum(path.stat().st_blocks * 512 for path in paths if path.is_file())


def main() -> None:
    """Measure and print."""
    with table("package", "files", "lines of code", "share", "most in a file") as lines:
        counts = {
            name: {file: code_lines(file.read_text(encoding="utf-8")) for file in sorted((ROOT / name).rglob("*.py"))}
            for name in PACKAGES
        }
        every = sum(sum(files.values()) for files in counts.values())
        for name, files in counts.items():
            own = sum(files.values())
            lines.row(name, f"{len(files):,}", f"{own:,}", f"{own / every:.0%}", f"{max(files.values(), default=0):,}")
        lines.row("all", f"{sum(map(len, counts.values())):,}", f"{every:,}", "100%", "")
    product = every - sum(counts["tests"].values())
    say(f"a line of tests for each {product / max(sum(counts['tests'].values()), 1):.1f} lines of product\n")
    with table("installed", "packages", "MB") as lines:
        for extras in (frozenset[str](), frozenset({"all"}), frozenset({"all", "sandbox", "dev"})):
            parts = installed("escher", extras)
            name = f"escher[{','.join(sorted(extras - {'sandbox'}))}]" if extras else "escher"
            lines.row(name, f"{len(parts):,}", f"{sum(parts.values()) / _MB:.0f}")
    with table("most of escher[all]", "MB") as lines:
        parts = installed("escher", frozenset({"all"}))
        for name, size in sorted(parts.items(), key=lambda item: -item[1])[:_MOST_SHOWN]:
            lines.row(name, f"{size / _MB:.0f}")


if __name__ == "__main__":
    main()
