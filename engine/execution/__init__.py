"""Doing exactly what was approved, and knowing at every instant what has been done.

A plan is run as units: one step on one target. `unit` is what a unit can be and how its journal folds into that; `strategy` says
which units may begin now; `recovery` says what to do with one that was interrupted; `attempt` is the life of one unit (drift check,
intent, call, verify); `executor` runs them and tells observers. The journal's intent is durable before a call is made, so
"maybe done" is never mistaken for "not begun". "Exactly once" is claimed by replay class only.
"""
