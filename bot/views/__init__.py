"""Engine values become components: what a card says is decided here, how it looks in `blocks`.

`replies` turns any reply of the workflow into a component; `plan`, `progress`, `result`, `estate`, `cost`, `report` and
`status` each know one card. All pure: values in, components out.
"""
