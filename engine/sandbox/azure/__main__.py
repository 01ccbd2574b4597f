"""`python -m engine.sandbox.azure`: the local Azure Resource Manager as a process."""

from engine.sandbox.azure.app import endpoint
from engine.sandbox.endpoint import run

if __name__ == "__main__":
    run("azure", endpoint)
