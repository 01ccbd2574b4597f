"""A local Compute Engine: the part of Google's REST API that the real, unchanged `google-cloud-compute` needs for our flows.

`Estate` is what the projects hold, in memory; `Instance` and `PersistentDisk` are its things, `Operations` the changes under way.
`Route` is one address, `Call` one request to it, `ComputeError` a refusal in the vendor's words. `access` says what the caller may
do, `metrics` answers Cloud Monitoring's time series.

Nothing here is imported outside the sandbox's own processes, and nothing here opens a socket but the endpoint's own.
"""
