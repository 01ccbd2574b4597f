"""What the Messages API takes, as far as its reference says (https://platform.claude.com/docs/en/api/messages); all else is refused."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

VERSIONS = frozenset({"2023-06-01", "2026-10-21"})
"""https://platform.claude.com/docs/en/api/versioning; what the newer one no longer takes is in its migration guide."""
_SAMPLING = ("temperature", "top_p", "top_k")
MODELS = frozenset({"claude-sonnet-4-6", "claude-haiku-4-5", "claude-opus-4-6"})
_FIELDS = frozenset(
    [
        "model",
        "max_tokens",
        "messages",
        "system",
        "tools",
        "tool_choice",
        "temperature",
        "top_p",
        "top_k",
        "stop_sequences",
        "stream",
        "metadata",
        "thinking",
        "service_tier",
        "output_config",
        "cache_control",
        "container",
        "inference_geo",
    ]
)
_BLOCKS = frozenset({"text", "image", "document", "tool_use", "tool_result", "thinking", "redacted_thinking"})
_TOOL_NAME = re.compile(r"[a-zA-Z0-9_-]{1,128}")
_MOST_BREAKPOINTS = 4
_SMALLEST_CACHED = 1024


@dataclass(frozen=True, slots=True)
class Complaint:
    """Why a request is refused, as the API says it."""

    status: int
    kind: str
    message: str


def complaint(method: str, path: str, headers: Mapping[str, str], body: Any, *, api_key: str) -> Complaint | None:
    """Return why a request is refused; None when it is in order."""
    if (method, path) != ("POST", "/v1/messages"):
        return Complaint(404, "not_found_error", f"{method} {path} is not here")
    if not _authenticated(headers, api_key):
        return Complaint(401, "authentication_error", "invalid API key")
    version = headers.get("anthropic-version", "")
    if version not in VERSIONS:
        return Complaint(400, "invalid_request_error", "anthropic-version: header is required")
    if headers.get("content-type", "").split(";")[0] != "application/json" or not isinstance(body, dict):
        return Complaint(400, "invalid_request_error", "the request body is not a JSON object")
    if body.get("model") not in MODELS and isinstance(body.get("model"), str):
        return Complaint(404, "not_found_error", f"model: {body['model']}")
    wrong = next(_wrong(body, version), None)
    return Complaint(400, "invalid_request_error", wrong) if wrong else None


def _authenticated(headers: Mapping[str, str], api_key: str) -> bool:
    """Whether the key comes in `x-api-key`, or as a bearer token, as the SDK sends it since its second major version."""
    bearer = headers.get("authorization", "")
    return headers.get("x-api-key", bearer.removeprefix("Bearer ") if bearer.startswith("Bearer ") else "") == api_key


def _wrong(body: dict[str, Any], version: str) -> Iterator[str]:
    if version != "2023-06-01":
        yield from (f"{field}: is not supported in API version {version}" for field in _SAMPLING if field in body)
    yield from (f"{field}: Extra inputs are not permitted" for field in sorted(set(body) - _FIELDS))
    yield from (f"{field}: Field required" for field in ("model", "max_tokens", "messages") if field not in body)
    most = body.get("max_tokens")
    if not isinstance(most, int) or isinstance(most, bool) or not 1 <= most <= 64_000:
        yield "max_tokens: Input should be between 1 and 64000"
    yield from _messages(body.get("messages"))
    yield from _system(body.get("system"))
    yield from _tools(body)
    if sum(1 for _ in _breakpoints(body)) > _MOST_BREAKPOINTS:
        yield "A maximum of 4 blocks with cache_control may be provided"


def _messages(messages: Any) -> Iterator[str]:
    if not isinstance(messages, list) or not messages:
        yield "messages: at least one message is required"
        return
    roles = [one.get("role") if isinstance(one, dict) else None for one in messages]
    if any(role not in {"user", "assistant"} for role in roles):
        yield "messages: Unexpected role; a system prompt is a top-level parameter"
        return
    if roles[0] != "user":
        yield "messages: first message must use the user role"
    if roles[-1] != "user":
        yield "messages: this model does not support assistant message prefill"
    for index, message in enumerate(messages):
        yield from _content(message.get("content"), f"messages.{index}.content")


def _content(content: Any, where: str) -> Iterator[str]:
    if isinstance(content, str):
        if not content.strip():
            yield f"{where}: text content blocks must be non-empty"
        return
    if not isinstance(content, list) or not content:
        yield f"{where}: Input should be a valid list"
        return
    for block in content:
        if not isinstance(block, dict) or block.get("type") not in _BLOCKS:
            yield f"{where}: unknown content block"
        elif block["type"] == "text" and not str(block.get("text", "")).strip():
            yield f"{where}: text content blocks must be non-empty"


def _system(system: Any) -> Iterator[str]:
    if system is None or (isinstance(system, str) and system.strip()):
        return
    if not isinstance(system, list) or not system:
        yield "system: Input should be a valid list"
        return
    for block in system:
        if not isinstance(block, dict) or block.get("type") != "text" or not str(block.get("text", "")).strip():
            yield "system: text content blocks must be non-empty"


def _tools(body: dict[str, Any]) -> Iterator[str]:
    tools = body.get("tools", [])
    names = [tool.get("name") for tool in tools if isinstance(tool, dict)]
    if len(set(names)) != len(names):
        yield "tools: Tool names must be unique"
    for index, tool in enumerate(tools):
        if not _TOOL_NAME.fullmatch(str(tool.get("name", ""))):
            yield f"tools.{index}.name: String should match pattern"
        yield from _schema(tool.get("input_schema"), f"tools.{index}.input_schema")
    yield from _choice(body.get("tool_choice"), names, thinks=(body.get("thinking") or {}).get("type") == "enabled")


def _choice(choice: Any, names: list[Any], *, thinks: bool) -> Iterator[str]:
    if choice is None:
        return
    if not isinstance(choice, dict) or choice.get("type") not in {"auto", "any", "tool", "none"}:
        yield "tool_choice: Input should be auto, any, tool or none"
        return
    if set(choice) - {"type", "name", "disable_parallel_tool_use"}:
        yield "tool_choice: Extra inputs are not permitted"
    if choice["type"] != "none" and not names:
        yield "tool_choice may only be specified while providing tools"
    if choice["type"] == "tool" and choice.get("name") not in names:
        yield f"Tool '{choice.get('name')}' not found in provided tools"
    if choice["type"] in {"tool", "any"} and thinks:
        yield "Thinking may not be enabled when tool_choice forces tool use"


def _schema(schema: Any, where: str) -> Iterator[str]:
    """A schema is of type object, and its references lead somewhere."""
    if not isinstance(schema, dict) or schema.get("type") != "object":
        yield f"{where}.type: Field required"
        return
    for reference in _references(schema):
        found: Any = schema
        for step in reference.removeprefix("#/").split("/"):
            found = found.get(step) if isinstance(found, dict) else None
        if not reference.startswith("#/") or found is None:
            yield f"{where}: JSON schema is invalid: {reference} cannot be resolved"


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        for one in value.values():
            yield from _references(one)
    elif isinstance(value, list):
        for one in value:
            yield from _references(one)


def _breakpoints(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        if value.get("cache_control"):
            yield value
        for one in value.values():
            yield from _breakpoints(one)
    elif isinstance(value, list):
        for one in value:
            yield from _breakpoints(one)


def cached_prefix(body: dict[str, Any]) -> str:
    """Return the system text up to its last cache breakpoint; empty when nothing is cached or it is too short to be."""
    system = body.get("system")
    blocks = system if isinstance(system, list) else []
    marked = [index for index, block in enumerate(blocks) if block.get("cache_control")]
    text = "".join(block["text"] for block in blocks[: marked[-1] + 1]) if marked else ""
    return text if len(text) / 4 >= _SMALLEST_CACHED else ""
