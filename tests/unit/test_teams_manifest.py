"""The app package that is uploaded to Teams."""

import io
import json
import struct
import zipfile

import pytest
from PIL import Image

from bot.settings import SettingsError
from bot.teams.manifest import app_package, manifest

APP = "22222222-aaaa-4bbb-8ccc-000000000002"


def test_the_package_holds_what_teams_wants():
    """A manifest and the two icons it names, at the top of the zip file, in the sizes Teams asks for."""
    with zipfile.ZipFile(io.BytesIO(app_package(APP))) as package:
        assert sorted(package.namelist()) == ["color.png", "manifest.json", "outline.png"]
        read = json.loads(package.read("manifest.json"))
        assert read == manifest(APP)
        for name, size in (("color", 192), ("outline", 32)):
            with Image.open(io.BytesIO(package.read(read["icons"][name]))) as icon:
                assert (icon.format, icon.size, icon.mode) == ("PNG", (size, size), "RGBA")
                colors = {color for _, color in icon.getcolors(maxcolors=size * size) or []}
                assert (255, 255, 255, 255) in colors
                assert len(colors) == 2


def test_the_outline_icon_is_white_on_nothing():
    """Teams paints the outline icon itself."""
    with (
        zipfile.ZipFile(io.BytesIO(app_package(APP))) as package,
        Image.open(io.BytesIO(package.read("outline.png"))) as icon,
    ):
        assert {color for _, color in icon.getcolors() or []} == {(255, 255, 255, 255), (0, 0, 0, 0)}


def test_the_manifest_keeps_the_schemas_limits():
    """Lengths as version 1.19 of the schema has them; one bot in all three kinds of conversation, without files."""
    made = manifest(APP.upper())
    assert made["id"] == APP
    (bot,) = made["bots"]
    assert (bot["botId"], bot["supportsFiles"]) == (APP, False)
    assert bot["scopes"] == ["personal", "team", "groupChat"]
    assert len(made["name"]["short"]) <= 30
    assert len(made["name"]["full"]) <= 100
    assert len(made["description"]["short"]) <= 80
    assert len(made["description"]["full"]) <= 4_000
    (commands,) = bot["commandLists"]
    assert 1 <= len(commands["commands"]) <= 10
    assert all(len(one["title"]) <= 32 and len(one["description"]) <= 128 for one in commands["commands"])


def test_the_same_arguments_give_the_same_bytes():
    """No time of day gets into the package."""
    assert app_package(APP) == app_package(APP)
    assert struct.unpack("<I", app_package(APP)[:4]) == (0x04034B50,)


@pytest.mark.parametrize(
    "wrong",
    [{"app_id": "x"}, {"name": ""}, {"name": "n" * 31}, {"version": "1"}, {"website": "http://a"}, {"company": ""}],
)
def test_what_the_schema_does_not_allow_is_said_before_the_upload(wrong):
    """Each wrong value is told with what to write."""
    arguments = {"app_id": APP} | wrong
    with pytest.raises(SettingsError, match="must"):
        app_package(arguments.pop("app_id"), **arguments)
