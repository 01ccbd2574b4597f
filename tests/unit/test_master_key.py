import base64
import sys
from pathlib import Path

import keyring
import pytest
from keyring.backend import KeyringBackend

from engine.storage import master
from engine.storage.master import EnvironmentKey, FileKey, KeychainKey, MasterKeyError, encode_key, master_key

ONE, TWO = bytes(range(32)), bytes(range(32, 64))


class TestFile:
    @pytest.fixture
    def key(self, tmp_path: Path) -> FileKey:
        """A new key file outside the data directory."""
        made = FileKey(path=tmp_path / "state" / "master", data_dir=tmp_path / "data")
        made.create()
        return made

    def test_a_made_key_is_private_and_stays(self, key):
        """Mode 0600, 32 bytes, and a second start does not replace it."""
        held = key.held()
        key.create()
        assert key.path.stat().st_mode & 0o777 == 0o600
        assert len(held[0]) == 32
        assert key.held() == held

    def test_a_key_that_others_can_read_is_refused(self, key):
        """The remedy is in the message."""
        key.path.chmod(0o640)
        with pytest.raises(MasterKeyError, match="chmod 600"):
            key.held()

    def test_a_key_inside_the_data_directory_is_refused(self, tmp_path):
        """Also through a symbolic link: a copy of the data must not hold its own key."""
        (tmp_path / "data").mkdir()
        inside = FileKey(path=tmp_path / "data" / "k", data_dir=tmp_path / "data")
        with pytest.raises(MasterKeyError, match="inside the data directory"):
            inside.create()
        (tmp_path / "link").symlink_to(tmp_path / "data")
        with pytest.raises(MasterKeyError, match="inside the data directory"):
            FileKey(path=tmp_path / "link" / "k", data_dir=tmp_path / "data").held()

    def test_staging_keeps_both_and_promoting_keeps_the_new_one(self, key):
        """A stop in between leaves both."""
        (first,) = key.held()
        coming = key.stage()
        assert key.stage() == coming
        assert key.held() == (first, coming)
        key.promote()
        key.promote()
        assert key.held() == (coming,)
        assert key.path.stat().st_mode & 0o777 == 0o600
        assert [path.name for path in key.path.parent.iterdir()] == ["master"]

    @pytest.mark.parametrize("text", ["", "short", base64.b64encode(b"x" * 31).decode(), "ü" * 44])
    def test_what_is_not_a_key_is_refused_without_being_repeated(self, key, text):
        """A wrong key is named by its place."""
        key.path.write_text(text)
        with pytest.raises(MasterKeyError) as caught:
            key.held()
        assert str(key.path) in str(caught.value)
        assert not text or text not in str(caught.value)

    def test_a_missing_file_names_the_command_that_makes_it(self, tmp_path):
        """Nobody has to look it up."""
        with pytest.raises(MasterKeyError, match="openssl rand -base64 32"):
            FileKey(path=tmp_path / "none", data_dir=tmp_path / "data").held()


class TestEnvironment:
    def test_the_key_and_the_next_one_are_read(self):
        """The operator sets both while the key changes."""
        key = EnvironmentKey(name="K", environment={"K": encode_key(ONE), "K_NEXT": encode_key(TWO)})
        assert (key.held(), key.stage()) == ((ONE, TWO), TWO)
        key.promote()
        assert key.held() == (ONE, TWO)

    def test_what_is_missing_is_named(self):
        """Both the key and the next one."""
        with pytest.raises(MasterKeyError, match="K is not set"):
            EnvironmentKey(name="K", environment={}).held()
        with pytest.raises(MasterKeyError, match="set K_NEXT"):
            EnvironmentKey(name="K", environment={"K": encode_key(ONE)}).stage()


class TestSetting:
    def test_each_source_is_chosen_by_its_word(self, tmp_path):
        """As the settings table says."""
        options = {"environment": {"K": encode_key(ONE)}, "data_dir": tmp_path}
        assert master_key("env:K", **options).held() == (ONE,)
        assert isinstance(master_key("keyring", **options), KeychainKey)
        assert isinstance(master_key("file:/x", **options), FileKey)

    @pytest.mark.parametrize("setting", ["aws-kms:arn", "azure-kv:https://x", "gcp-kms:projects/x"])
    def test_a_cloud_key_service_says_that_it_is_not_there(self, setting, tmp_path):
        """An honest no, with what to write instead."""
        with pytest.raises(MasterKeyError, match="not available in this version; write keyring, env:NAME or file:PATH"):
            master_key(setting, environment={}, data_dir=tmp_path)

    @pytest.mark.parametrize("setting", ["", "env:", "file:", "plain:abc"])
    def test_anything_else_is_refused(self, setting, tmp_path):
        """No guess about keys."""
        with pytest.raises(MasterKeyError, match="write keyring"):
            master_key(setting, environment={}, data_dir=tmp_path)


class PlainFileKeyring(KeyringBackend):
    """Stands where `keyrings.alt` would: a back end that stores in the clear."""

    priority = 9  # type: ignore[assignment] - a class property in the base
    kept: dict[tuple[str, str], str]

    def __init__(self) -> None:
        super().__init__()
        self.kept = {}

    def get_password(self, service: str, username: str) -> str | None:
        """Return what is kept."""
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        """Keep it."""
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        """Forget it."""
        del self.kept[service, username]


class TestKeychain:
    def test_a_back_end_that_is_not_on_the_list_is_refused(self, monkeypatch):
        """A keychain that writes plain files gets no key."""
        plain = PlainFileKeyring()
        monkeypatch.setattr(keyring, "get_keyring", lambda: plain)
        with pytest.raises(MasterKeyError, match=r"no safe keychain .*PlainFileKeyring.*file:PATH"):
            KeychainKey().held()
        assert plain.kept == {}

    def test_a_machine_without_a_keychain_is_told_what_to_write(self, monkeypatch):
        """As in a bare container."""
        from keyring.backends.fail import Keyring  # noqa: PLC0415 - one of several back ends

        monkeypatch.setattr(keyring, "get_keyring", Keyring)
        with pytest.raises(MasterKeyError, match="file:PATH"):
            KeychainKey().held()

    def test_a_safe_keychain_keeps_makes_and_changes_the_key(self, monkeypatch):
        """Made at first use, staged beside it, promoted over it."""
        chain = PlainFileKeyring()
        listed = frozenset({(PlainFileKeyring.__module__, PlainFileKeyring.__name__)})
        monkeypatch.setattr(master, "_SAFE_KEYCHAINS", listed)
        monkeypatch.setattr(keyring, "get_keyring", lambda: chain)
        key = KeychainKey()
        (first,) = key.held()
        assert key.held() == (first,)
        coming = key.stage()
        assert key.held() == (first, coming)
        key.promote()
        key.promote()
        assert key.held() == (coming,)

    def test_the_listed_names_are_the_library_s_own(self):
        """A renamed class would quietly refuse every keychain."""
        import importlib  # noqa: PLC0415 - only here

        for module, name in master._SAFE_KEYCHAINS:
            assert hasattr(importlib.import_module(module), name), f"{module}.{name} on {sys.platform}"
