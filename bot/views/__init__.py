"""Engine values become components: what a card says is decided here, how it looks in `blocks`.

`replies` turns any reply of the workflow into a component; `plan`, `progress`, `estate`, `playbook`, `report`, `settings`, `policy`,
`about` and `status` each know one card, `by_hand` what a chat does not set, `nouns` what things are called. All pure: values in, components out.
"""
