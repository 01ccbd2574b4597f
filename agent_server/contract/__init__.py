"""Every model on the wire between runner and agent server, the one table of resource types, and that of a playbook's life."""
