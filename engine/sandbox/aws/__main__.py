"""`python -m engine.sandbox.aws`: the local AWS endpoint."""

from engine.sandbox.aws.server import main

if __name__ == "__main__":
    main()
