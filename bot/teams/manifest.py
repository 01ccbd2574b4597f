"""The app package that `escher init teams` writes: a manifest and two icons in a zip file.

Schema: https://learn.microsoft.com/microsoftteams/platform/resources/schema/manifest-schema (version 1.19).
The bot asks for no resource-specific consent: in groups and channels Teams then delivers only what mentions it.
"""

import io
import json
import re
import zipfile
from typing import Any, Final
from urllib.parse import urlsplit

from bot.teams import icons
from bot.teams.options import TeamsMisconfigured

VERSION: Final = "1.19"
SCHEMA: Final = f"https://developer.microsoft.com/json-schemas/teams/v{VERSION}/MicrosoftTeams.schema.json"
SCOPES: Final = ("personal", "team", "groupChat")
_GUID: Final = re.compile(r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$", re.IGNORECASE)
_VERSION: Final = re.compile(r"^\d+\.\d+\.\d+$")
_COMMANDS: Final = (
    ("help", "What you can say, and what you may do"),
    ("pending", "Plans that wait for an approval"),
    ("status", "How Escher is: clouds, coverage, what runs"),
    ("report", "The morning report, made now"),
)


def manifest(
    app_id: str,
    *,
    name: str = "Escher",
    version: str = "1.0.0",
    company: str = "Escher",
    website: str = "https://example.com/escher",
) -> dict[str, Any]:
    """Return the manifest.

    Args:
        app_id: Application id of the bot's registration, a GUID.
        name: What people see and mention, at most 30 characters.
        version: Of the package; Teams takes an update only with a higher one.
        company: Who runs the bot, at most 32 characters.
        website: Your page about it; privacy and terms are expected below it.

    Raises:
        TeamsMisconfigured: Something the schema does not allow; the text says what to write.
    """
    _check(app_id, name=name, version=version, company=company, website=website)
    commands = [{"title": title, "description": description} for title, description in _COMMANDS]
    red, green, blue = icons.ACCENT
    return {
        "$schema": SCHEMA,
        "manifestVersion": VERSION,
        "id": app_id.lower(),
        "version": version,
        "developer": {
            "name": company,
            "websiteUrl": website,
            "privacyUrl": f"{website.rstrip('/')}/privacy",
            "termsOfUseUrl": f"{website.rstrip('/')}/terms",
        },
        "name": {"short": name, "full": f"{name}: operations for AWS, Azure and Google Cloud"},
        "description": {
            "short": "Plans cloud operations, asks for approval, does exactly that",
            "full": "Say what you want done in AWS, Azure or Google Cloud. Escher answers with exactly what it would do, to "
            "which resources and at what risk; someone with the right approves; it does it, shows each step and keeps "
            "the proof. It runs on your own machine or in your own cloud.",
        },
        "icons": {"color": "color.png", "outline": "outline.png"},
        "accentColor": f"#{red:02X}{green:02X}{blue:02X}",
        "bots": [
            {
                "botId": app_id.lower(),
                "scopes": list(SCOPES),
                "supportsFiles": False,
                "isNotificationOnly": False,
                "commandLists": [{"scopes": list(SCOPES), "commands": commands}],
            }
        ],
        "permissions": ["identity", "messageTeamMembers"],
        "validDomains": [],
    }


def app_package(
    app_id: str,
    *,
    name: str = "Escher",
    version: str = "1.0.0",
    company: str = "Escher",
    website: str = "https://example.com/escher",
) -> bytes:
    """Return the zip file to upload in the Teams admin centre; the same arguments give the same bytes.

    Raises:
        TeamsMisconfigured: As for `manifest`.
    """
    text = json.dumps(
        manifest(app_id, name=name, version=version, company=company, website=website), indent=2, ensure_ascii=False
    )
    files = {"manifest.json": text.encode(), "color.png": icons.color(), "outline.png": icons.outline()}
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as package:
        for path, content in files.items():
            package.writestr(zipfile.ZipInfo(path), content)
    return made.getvalue()


def _check(app_id: str, *, name: str, version: str, company: str, website: str) -> None:
    wrong = {
        "the app id must be the application id of the bot's registration, such as 2222…-…": not _GUID.match(app_id),
        "the name must have 1 to 30 characters": not 1 <= len(name) <= 30,  # noqa: PLR2004 - the schema's own number
        "the company must have 1 to 32 characters": not 1 <= len(company) <= 32,  # noqa: PLR2004 - likewise
        "the version must look like 1.0.0": not _VERSION.match(version),
        "the website must begin with https://": urlsplit(website).scheme != "https",
    }
    for told, holds in wrong.items():
        if holds:
            raise TeamsMisconfigured(told)
