"""The command reference: every operation of the clouds' SDKs that this version was built with.

It lies in the package as one compressed table (`data/commands.tsv.gz`), which `generate` makes from the installed SDKs, and is read when it
is first asked for. Columns: `id`, `service`, `summary`, `cli`, `required` (names, comma-separated), `effect`.
"""

import gzip
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import cast

from agent_server.knowledge.effects import Effect

FILE = "commands.tsv.gz"


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One operation of a cloud's API.

    Attributes:
        id: As in plans and playbooks: `aws.ec2.stop_instances`; a hyphen of the SDK's name is an underscore here.
        service: What the vendor calls the service.
        summary: The first sentence of its documentation; empty where the SDK has none.
        cli: How the vendor's command line says it, without arguments; empty where no rule gives it reliably.
        required: The parameters that have to be given.
        effect: Whether it looks, changes or destroys.
    """

    id: str
    service: str
    summary: str
    cli: str
    required: tuple[str, ...]
    effect: Effect

    @property
    def cloud(self) -> str:
        """The cloud it belongs to."""
        return self.id.partition(".")[0]

    @property
    def words(self) -> str:
        """Its method in words: `stop instances`."""
        return self.id.rsplit(".", 1)[1].replace("_", " ")

    @property
    def text(self) -> str:
        """What its vector stands for."""
        return f"{self.service}: {self.words}. {self.summary}"


def written(commands: Iterable[Command]) -> bytes:
    """Return the compressed table of commands; the same commands give the same bytes."""
    lines = (
        "\t".join((one.id, one.service, one.summary, one.cli, ",".join(one.required), one.effect)) for one in commands
    )
    return gzip.compress("\n".join(lines).encode(), mtime=0)


@cache
def reference(cloud: str) -> tuple[Command, ...]:
    """Return the commands of one cloud, in order of their services."""
    return tuple(_read(line) for line in _lines() if line.startswith(f"{cloud}."))


@cache
def _lines() -> tuple[str, ...]:
    packed = resources.files("agent_server.knowledge").joinpath("data", FILE).read_bytes()
    return tuple(gzip.decompress(packed).decode().split("\n"))


def _read(line: str) -> Command:
    id_, service, summary, cli, required, effect = line.split("\t")
    return Command(
        id=id_,
        service=service,
        summary=summary,
        cli=cli,
        required=tuple(required.split(",")) if required else (),
        effect=cast("Effect", effect),
    )
