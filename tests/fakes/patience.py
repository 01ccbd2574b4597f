"""How long a test waits for what must come.

Nothing is measured by it: a test that waits in vain fails, however soon it gives up, and one on a machine that is busy with
others should not fail because it gave up too soon.
"""

PATIENCE = 90.0  # seconds
