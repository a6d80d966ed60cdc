"""The folders of the user's own files."""

import sys
from pathlib import Path

import pytest

from atari_cli.config import data_folder, keys_file
from atari_cli.errors import InvalidSetting


def test_the_folder_can_be_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ATARI_DATA_DIR", raising=False)
    usual = data_folder()
    for chosen, folder in [
        ("/srv/atari", Path("/srv/atari")),
        ("~/atari", Path.home() / "atari"),
        ("  ", usual),
    ]:
        monkeypatch.setenv("ATARI_DATA_DIR", chosen)
        assert data_folder() == folder


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have other folders")
def test_the_folders_follow_the_conventions_of_the_system(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    assert data_folder() == tmp_path / "data" / "atari"
    assert keys_file() == tmp_path / "config" / "atari" / "keys.toml"
    assert not list(tmp_path.iterdir()), "asking for a folder creates none"


def test_tests_do_not_use_the_users_folders(tmp_path: Path) -> None:
    assert data_folder().is_relative_to(tmp_path)
    keys = keys_file()
    assert keys
    assert keys.is_relative_to(tmp_path)


@pytest.mark.posix("Windows knows the home of each user")
@pytest.mark.parametrize("chosen", ["", "~/atari", "~nobody-here/atari"])
@pytest.mark.usefixtures("homeless")
def test_without_a_home_the_error_says_what_to_set(
    monkeypatch: pytest.MonkeyPatch, chosen: str
) -> None:
    monkeypatch.setenv("ATARI_DATA_DIR", chosen)
    with pytest.raises(InvalidSetting, match="set HOME, or ATARI_DATA_DIR to a whole path"):
        data_folder()
    assert keys_file() is None
