"""Every model on the wire between runner and agent server, and the one table of resource types. No behaviour."""
