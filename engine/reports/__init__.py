"""Reports: figures gathered once, kept immutable, worded elsewhere.

`morning` gathers what the morning report says and is pure once the figures are there; `figures` are the values. A report that was
made is kept under its id and never made again, so that the billing services are asked once a day.
"""
