"""`python -m engine.sandbox.gcp`: the local Compute Engine as a process."""

from engine.clock import system_clock
from engine.sandbox.endpoint import arguments, serve
from engine.sandbox.gcp.app import endpoint


def main() -> None:
    """Serve until told to stop."""
    options = arguments("python -m engine.sandbox.gcp")
    serve(
        name="gcp",
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
