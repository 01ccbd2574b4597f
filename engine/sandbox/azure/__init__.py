"""A local Azure: the part of Azure Resource Manager that the real, unchanged Azure SDKs need for our flows.

`Estate` is what the subscriptions hold, in memory; `VirtualMachine` and `ManagedDisk` are its things, `Operations` the changes under
way. `Route` is one address, `Call` one request to it, `ArmError` a refusal in the vendor's words. `graph` answers Resource
Graph's queries, `cost` Cost Management's, `metrics` Azure Monitor's, `access` says what the caller may do.

Nothing here is imported outside the sandbox's own processes, and nothing here opens a socket but the endpoint's own.
"""
