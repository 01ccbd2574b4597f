"""The offline model: understands messages by rules, without any network and without learning.

`parse` is pure: an `IntentRequest` in, an `Intent` out, the same for the same words. It is the default when no model key is set
and the fallback when a model does not answer in time.

    tokens, spelling, phrases   words as they are meant
    entities/                   facts in the words: places, times, sizes, names, tags, …
    standing, actions           orders as imperatives, where one can stand
    wishes, shell               orders as wishes, and as pasted commands
    refine, scope, background   what they do to their object, what is left out or taken back, what only tells why
    topics/                     what people talk about besides resources
    queries, filters, parts     the fields of an intent
    clarify, question, answer   what is said back
    reference                   what the thread adds
    lexicon/                    the words themselves, as data

Nothing here imports a language model, a cloud SDK or the runner.
"""

from agent_server.contract.intent import Intent, IntentRequest
from agent_server.models.offline.parse import parse

__all__ = ["OfflineModel", "parse"]


class OfflineModel:
    """The port's implementation by rules."""

    async def understand(self, request: IntentRequest) -> Intent:
        """Return what the message asks for; takes about a millisecond and never fails."""
        return parse(request)
