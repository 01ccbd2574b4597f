"""What resources cannot be picked by, said in people's words with what comes nearest. Pure."""

_NEAREST = {
    "period": "when something happened; by age I can, such as “instances older than 30 days”",
    "metric_threshold": "a measured value; what hardly works I can find, such as “idle instances”",
    "user": "a person or a login; by a tag I can, such as “everything tagged owner=bob”",
}


def sentence(key: str) -> str:
    """Return why resources cannot be picked by a filter, and by what else they can."""
    nearest = _NEAREST.get(key)
    if nearest is not None:
        return f"I cannot pick resources by {nearest}."
    return f"I cannot tell from what I have read which resources are meant by “{key.replace('_', ' ')}”."
