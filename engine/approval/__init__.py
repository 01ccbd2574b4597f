"""Who may decide what.

`policy` is the policy file made valid once; `matching` says which rules speak about an act; `requirement` turns them into what must
hold before a plan runs; `approval` weighs the decisions made so far. All of it is pure. Any matching deny denies; else the
strictest union of the matching allows; none: denied. Roles are read at the moment of the click, never remembered.
"""
