"""The "no" of the Slack Web API.

Slack answers HTTP 200 with `{"ok": false, "error": code}`; only rate limiting has an HTTP status of its own.
Source: https://docs.slack.dev/apis/web-api/#responses
"""

from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]


@dataclass(slots=True, kw_only=True)
class SlackError(Exception):
    """A Web API refusal.

    Attributes:
        code: What stands in `error`.
        messages: Details, shown under `response_metadata.messages`, each prefixed with `[ERROR]`.
        extra: Further top-level fields of the answer, such as `needed` and `provided`.
        status: HTTP status.
        headers: HTTP headers, such as `Retry-After`.
    """

    code: str
    messages: list[str] = field(default_factory=list)
    extra: Json = field(default_factory=dict)
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.code}: {'; '.join(self.messages)}" if self.messages else self.code

    def body(self) -> Json:
        """Return the answer's JSON object."""
        answer: Json = {"ok": False, "error": self.code, **self.extra}
        if self.messages:
            answer["errors"] = list(self.messages)
            answer["response_metadata"] = {"messages": [f"[ERROR] {line}" for line in self.messages]}
        return answer
