"""The external upload: get a URL, send the bytes, share the file.

Sources: https://docs.slack.dev/messaging/working-with-files/#upload,
https://docs.slack.dev/reference/methods/files.getUploadURLExternal/ and files.completeUploadExternal/.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.fakes.slack.calls import Method, parsed
from tests.fakes.slack.chat import open_channel, thread_of
from tests.fakes.slack.errors import Json, SlackError
from tests.fakes.slack.pacing import TIER_4
from tests.fakes.slack.workspace import BOT_ID, BOT_USER

if TYPE_CHECKING:
    from tests.fakes.slack.state import State


@dataclass(slots=True, kw_only=True)
class Upload:
    """A file on its way: announced, then sent, then shared."""

    id: str
    filename: str
    length: int
    content: bytes | None = None
    shared: bool = False


def get_upload_url(state: "State", arguments: Json) -> Json:
    """Announce a file of a known length."""
    length = int(arguments["length"])
    if length <= 0:
        raise SlackError(code="invalid_arguments", messages=["length must be positive"])
    upload = Upload(id=state.workspace.new_id("F"), filename=str(arguments["filename"]), length=length)
    state.uploads[upload.id] = upload
    return {"upload_url": f"{state.base_url}/upload/{upload.id}", "file_id": upload.id}


def receive(state: "State", file_id: str, content: bytes) -> None:
    """Take the bytes of an announced file.

    Raises:
        SlackError: `file_not_found`, or `invalid_length` when they are not as many as announced.
    """
    upload = state.uploads.get(file_id)
    if upload is None or upload.content is not None:
        raise SlackError(code="file_not_found", status=404)
    if len(content) != upload.length:
        raise SlackError(code="invalid_length", status=400)
    upload.content = content


def complete_upload(state: "State", arguments: Json) -> Json:
    """Share uploaded files in a channel or thread."""
    files = parsed(arguments, "files", "invalid_arguments") or []
    uploads = [_ready(state, str(entry.get("id"))) for entry in files]
    shown: list[Json] = [
        {
            "id": upload.id,
            "name": upload.filename,
            "title": entry.get("title") or upload.filename,
            "size": upload.length,
        }
        for upload, entry in zip(uploads, files, strict=True)
    ]
    if channel_id := arguments.get("channel_id"):
        channel = open_channel(state, channel_id)
        message = state.workspace.post(
            channel=channel.id,
            user=BOT_USER,
            text=str(arguments.get("initial_comment") or ""),
            thread_ts=thread_of(state, channel, arguments.get("thread_ts")),
            bot_id=BOT_ID,
            files=shown,
        )
        state.happened(message)
    for upload in uploads:
        upload.shared = True
    return {"files": shown}


def _ready(state: "State", file_id: str) -> Upload:
    upload = state.uploads.get(file_id)
    if upload is None or upload.content is None or upload.shared:
        raise SlackError(code="file_not_found")
    return upload


METHODS = {
    "files.getUploadURLExternal": Method(
        handler=get_upload_url,
        scopes=("files:write",),
        tier=TIER_4,
        required=("filename", "length"),
        optional=("alt_txt", "snippet_type"),
    ),
    "files.completeUploadExternal": Method(
        handler=complete_upload,
        scopes=("files:write",),
        tier=TIER_4,
        required=("files",),
        optional=("channel_id", "initial_comment", "thread_ts"),
    ),
}
