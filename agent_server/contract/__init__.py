"""Every model on the wire between runner and agent server, the one table of resource types, that of a playbook's life, and how both sides
judge a text by somebody else's pattern (`patterns`)."""
