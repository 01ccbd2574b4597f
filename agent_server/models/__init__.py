"""Models behind one port: the offline planner, Claude, and a scripted one for tests. A further vendor is one file."""
