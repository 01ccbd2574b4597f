"""Three local clouds that hold one believable company: the try-out's world, and the tests'.

The bot meets them through the real SDKs and real HTTP on loopback; only an endpoint URL tells them from the clouds. They
keep state: a machine that was stopped stays stopped, a tag that somebody changed is drift, a cost line that was added is
billed. What the bot reports comes from reading them, never from this package.

The company (plain values, no SDK):

- `inventory`  its nouns: accounts, machines, disks, buckets, databases, cost lines;
- `landmarks`  what people know by name, there at every scale and with every seed;
- `fleet`      as much more of the same as the scale asks for; a larger company holds a smaller one whole;
- `costs`      sixty days of bills ending yesterday, with one real anomaly;
- `use`        how busy a machine was on a day, computed when asked for;
- `sizes`      which machine sizes the local Azure and Google Cloud offer;
- `company`    `build(seed=…, scale=…, now=…)`, the only door; `python -m engine.sandbox.company` prints the counts.

The clouds, each a process of its own (`python -m engine.sandbox.<cloud> --port 0 --scale N [--gate]`) that prints
`<cloud> endpoint: http://127.0.0.1:PORT` when it is ready and is seeded from within, never over HTTP:

- `aws`        moto's server with the company put into its back ends;
- `azure`      the parts of Resource Manager that the Azure SDKs ask for;
- `gcp`        the parts of Compute Engine and its neighbours that the Google SDKs ask for.

Around all three:

- `gate`       the desk in front of each: it refuses changes that name no approved step (`--gate`), makes things go
  wrong on purpose, and writes every call down; served under `/_escher/calls`, `/_escher/faults`, `/_escher/cpu`;
- `endpoint`   serves Azure and GCP: one vendor's dialect behind the desk; `routes` are the addresses that a dialect knows;
- `process`    starts an endpoint as a child that cannot outlive its parent.

What may not be here: a listener on anything but loopback, a real credential, a shortcut by which the bot could tell
that it is in the try-out. Only `bot/demo.py` and tests import this package.
"""
