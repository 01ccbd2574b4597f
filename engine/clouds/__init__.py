"""The three clouds behind one port.

`Operation` is one thing that can be done to one kind of resource, declared as data; `catalog` is all of them.
`CloudAccount` (in `ports`) is what the rest of the engine sees of an account, a subscription or a project: cells to scan,
resources to read again, calls to make, figures to fetch. `errors` names what can go wrong by what one can do about it.
What the accounts of all clouds do alike is in `account`: they read by a `scanner` for each service, in parts (`reading`), with the
patience that their `purpose` allows.
The folders `aws`, `azure` and `gcp` have the same file names and know nothing of each other. Cloud SDKs are imported there
and nowhere else, and only when an account of that cloud is configured.
"""
