"""The registry of playbooks that tenants published: the one part of the agent server that stores, off unless the operator opts in.

- `tenancy`: the name under which a tenant's things are stored, made from the token's tenant and from nothing else.
- `store`: what is known of each version, as points in the tenant's Qdrant collection.
- `scripts`: whole playbooks and their scripts in S3-compatible storage, with links that expire.
- `reading`: looking at both; all that the thinking side may do.
- `published`: publishing, reviewing, moving, counting: the rules over both stores; the states are those of `contract.lifecycle`.
- `pages`: the routes.

What is published is of a tenant, chosen by a person, and seen by that tenant only. May not be here: estates, conversations, plans, or
anything that was not handed over to be kept.
"""
