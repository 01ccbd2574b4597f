"""Pure decisions over what is on the wire: parts, capabilities, plans, checks, risk, wording. No I/O, no clock, no model."""
