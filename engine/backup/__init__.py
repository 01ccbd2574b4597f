"""Backups of the record: one encrypted, authenticated, consistent archive at a time, and the way back.

- `archive`: the form of the file: sealed pieces under a key derived from the master key, whose end is sealed too.
- `manifest.Manifest`: what the archive holds, with SHA-256, row counts and the signed audit checkpoint.
- `making.BackupMaker`: takes an archive with SQLite's online backup, puts it at the target, removes those too old.
- `restoring`: opens an archive beside the data directory, checks everything, and only then puts it in place.
- `targets`: where archives lie: the port, and a folder. S3 is in `engine.clouds.aws.objects`.

The master key is never in an archive, and the key epochs inside are wrapped under it as they rest in the record: a restore needs the
same master key. The estate's index is not in it, because a sync reads the estate again.
"""
