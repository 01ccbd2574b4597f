"""The commands of `escher`, one family a file; each imports what it needs only when it is run."""
