"""The engine: everything between "somebody said something" and "it is done, and here is the proof". It knows no chat and no card.

- `workflow` is the story: `understanding` → `resolving` → `proposing` → `deciding` → `running`, and back (`undoing`);
  `answering` for questions. `inquiring` asks the clouds what only they know just before planning, `granted` remembers their yes; `requesting` makes its requests to the agent server; `actionable`, `asking_back`, `staleness` and, in the agent server's words, `remarks` are what it says about targets. `replies` are its values, `refusal` a "no", `principal` who asks, `memory` what a thread remembers.
- `estate/` what exists; `clouds/` the three clouds behind one port and the catalogue of operations; `planning/` from untrusted
  proposal to frozen plan; `approval/` who may decide; `execution/` doing it; `audit/` the proof; `storage/` the record;
  `playbooks/` procedures that become plans; `backup/` a copy of the record kept elsewhere; `reports/` and `schedule/` the morning report.
- `core` puts all of it together over one data directory. `clock` is time as an input.
- `sandbox/` is three local clouds for the try-out and the tests; nothing else imports it.

May not be here: a chat SDK, `bot`, `blocks`, of `agent_server` anything but its contract.
"""
