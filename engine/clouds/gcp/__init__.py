"""The Google Cloud side behind `engine.clouds.ports.CloudAccount`.

`session` makes SDK clients once; `failures` names what went wrong; `names` reads selfLink paths; `scanners` turn what services answer
into `Resource`s; `operations` declares what can be done, as data without any SDK; `calls` makes one API call for each of them and
marks it with the plan's step; `permitted` asks whether a call may be made; `metrics` fetches figures and `cost` says why there are
none; `account` is the port over all of these. Importing `operations` imports no SDK.
"""
