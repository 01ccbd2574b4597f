"""`python -m engine.sandbox.gcp`: the local Compute Engine as a process."""

from engine.sandbox.endpoint import run
from engine.sandbox.gcp.app import endpoint

if __name__ == "__main__":
    run("gcp", endpoint)
