"""The Azure side behind `engine.clouds.ports.CloudAccount`.

`session` makes SDK clients once and marks every write with the plan's step; `failures` names what went wrong; `names` reads
ARM ids; `scanners` turn what services answer into `Resource`s; `operations` declares what can be done, as data without any
SDK; `calls` makes one API call for each of them; `permitted` asks whether a call may be made; `metrics` and `cost` fetch
figures; `account` is the port over all of these. Importing `operations` imports no SDK.
"""
