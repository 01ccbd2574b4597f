"""Metrics by name, and thresholds on them."""

import re
from collections.abc import Iterator

from agent_server.models.offline.tokens import Reading, Span

METRICS = {
    "cpu": "cpu", "cpu usage": "cpu", "cpu utilization": "cpu", "cpu utilisation": "cpu", "cpu load": "cpu", "processor": "cpu", "load": "cpu",
    "memory": "memory", "mem": "memory", "ram": "memory", "memory usage": "memory", "memory utilization": "memory", "mem usage": "memory", "ram usage": "memory",
    "disk usage": "disk", "disk utilization": "disk", "disk space": "disk", "disk": "disk", "storage usage": "storage",
    "latency": "latency", "response time": "latency", "p99 latency": "latency", "p95 latency": "latency", "error rate": "error_rate", "errors": "errors", "error count": "errors", "5xx": "5xx", "5xx errors": "5xx",
    "5xx rate": "5xx", "4xx": "4xx", "requests": "requests", "request count": "requests", "request rate": "requests", "rps": "requests", "traffic": "network",
    "network traffic": "network", "network in/out": "network", "network in": "network_in", "network out": "network_out", "network": "network", "bandwidth": "network", "throughput": "throughput", "network throughput": "throughput", "disk throughput": "throughput",
    "iops": "iops", "connections": "connections", "connection count": "connections", "db connections": "connections", "queue depth": "queue_depth",
    "queue length": "queue_depth", "backlog": "queue_depth", "message count": "queue_depth", "invocations": "invocations", "duration": "duration", "throttles": "throttles",
    "replication lag": "replication_lag", "replica lag": "replication_lag", "lag": "replication_lag", "free storage": "free_storage_gb", "free space": "free_storage_gb",
    "free disk": "free_storage_gb", "free disk space": "free_storage_gb", "storage": "storage", "uptime": "uptime", "utilization": "utilization", "utilisation": "utilization", "usage": "usage",
    "unacked messages": "unacked_messages", "unhealthy hosts": "unhealthy_hosts", "restarts": "restarts", "cost": "cost", "spend": "cost", "spending": "cost", "bill": "cost",
    "budget": "budget", "costs": "cost",
}  # fmt: skip
_METRIC = "|".join(sorted(METRICS, key=len, reverse=True))
_UP = (
    r"(?:is |are |was |were |stays? |has been |goes? |gets? |go |rises? |climbs? |jumps? |keeps? )?(?:over|above|"
    r"past|beyond|more than|greater than|higher than|exceeds?|exceeding|exceeded|>=?|hits?|"
    r"reach(?:es)?|cross(?:es)?|passes|tops|up to|at least)"
)
_DOWN = (
    r"(?:is |are |was |were |stays? |has been |goes? |gets? |go |falls? |drops? |dips? |sinks? )?(?:under|below|"
    r"less than|lower than|fewer than|beneath|<=?|at most)"
)
_VALUE = (
    r"[$€£]? ?(?P<value>\d+(?:\.\d+)?)(?P<kilo> ?k\b)? ?(?P<unit>%|percent|gb|gib|ms|s|sec|seconds|mb|tb|usd|dollars|"
    r"euros?|eur|rps)?(?P<free> free(?! \w*ips?\b))?"
)
_THRESHOLD = re.compile(
    rf"(?<!\S)(?:(?P<metric>{_METRIC})(?: (?!(?:and|or|then|stop|delete) )[^\s,;]+){{0,5}}? )?(?:(?P<up>{_UP})|"
    rf"(?P<down>{_DOWN})) (?:than )?{_VALUE}(?: (?P<after>{_METRIC}))?(?!\S)"
)
_PLAIN = re.compile(rf"(?<!\S)(?P<metric>{_METRIC})(?!\S)")


def thresholds(reading: Reading, taken: frozenset[int]) -> Iterator[Span]:
    """Yield `metric_threshold` as {metric, op, value}; a number of free gigabytes is about free storage."""
    for match, first, last in reading.find(_THRESHOLD):
        name = METRICS.get(match["metric"] or match["after"] or "", "")
        if match["free"] and not re.match(r" (?:ips?|addresses|slots|nodes)\b", reading.line[match.end() :]):
            name = "free_storage_gb"
        elif name == "free_storage_gb" and (match["unit"] or "").startswith(("%", "perc")):
            name = "free_storage"
        if not name:
            continue
        if not taken.isdisjoint(range(*reading.token_range(match, "value"))):
            continue
        value = float(match["value"]) * (1000 if match["kilo"] else 1)
        whole = int(value) if value == int(value) else value
        begin = reading.token_range(match, "metric")[0] if match["metric"] else first
        words = reading.token_range(match, "up" if match["up"] else "down")
        if match["metric"]:
            yield Span(begin, reading.token_range(match, "metric")[1], "threshold_word", name)
        yield Span(
            words[0], last, "metric_threshold", {"metric": name, "op": ">" if match["up"] else "<", "value": whole}
        )


def metrics(reading: Reading, taken: frozenset[int]) -> Iterator[Span]:
    """Yield metrics by name."""
    for match, first, last in reading.find(_PLAIN, taken):
        yield Span(first, last, "metric", METRICS[match["metric"]])
