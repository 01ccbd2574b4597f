"""`python -m engine.sandbox.azure`: the local Azure Resource Manager as a process."""

from engine.clock import system_clock
from engine.sandbox.azure.app import endpoint
from engine.sandbox.endpoint import arguments, serve


def main() -> None:
    """Serve until told to stop."""
    options = arguments("python -m engine.sandbox.azure")
    serve(
        name="azure",
        port=options.port,
        exit_with_parent=options.exit_with_parent,
        build=lambda: endpoint(
            seed=options.seed,
            scale=options.scale,
            gate=options.gate,
            seconds=options.operation_seconds,
            clock=system_clock,
        ),
    )


if __name__ == "__main__":
    main()
