"""The local AWS: moto's server in a process of its own, holding the seeded company and nothing real.

- `server`      the process: seed, bind to loopback, say where, end with the parent;
- `front`       the WSGI layer before moto: gate, faults, call log (`engine.sandbox.gate` decides);
- `reading`     which call a request is: service, action, region, access key, does it change anything;
- `errors`      a refusal in the words and the wire form of the service that was called;
- `credentials` the access key of each account, a pure function of the company;
- `seeding`     the company put into moto's back ends, by `compute`, `scaling`, `buckets`, `databases`, `identity`;
- `metrics`     CloudWatch figures computed when asked for; `billing` Cost Explorer's answers;
- `trail`       CloudTrail's event history, begun by `history` and continued by every change.

`python -m engine.sandbox.aws --port 0 --seed 7 --scale 300 [--gate]` starts it. Only `engine.sandbox.process`, tests
and the demo do.
"""
