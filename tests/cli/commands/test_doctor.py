"""`atari doctor` names what is ready, what is missing, and what to do about it."""

import json
import sys
from pathlib import Path

import pytest

from atari_cli.api import doctor
from atari_cli.config import keys_file
from tests.cli.program import Program

CHECKS = [
    "python",
    "ale",
    "roms",
    "ffmpeg",
    "display",
    "terminal",
    "sound",
    "keys",
    "saves",
    "settings",
    "ray",
]


def findings(atari: Program) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = json.loads(atari("doctor", "--json"))
    return found


def test_a_machine_that_can_play_passes(atari: Program) -> None:
    found = findings(atari)
    assert list(found) == CHECKS
    for name in ("python", "ale", "roms", "ffmpeg", "sound"):
        assert found[name]["state"] == "ok", found[name]
    assert found["roms"]["found"].startswith("104 games")


def test_the_table_has_a_line_for_each_check(atari: Program) -> None:
    lines = atari("doctor").splitlines()
    first_words = [line.split()[0] for line in lines if line.strip()]
    assert [word for word in first_words if word in CHECKS] == CHECKS


def test_missing_roms_are_a_failure(atari: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALE_ROMS_DIR", str(atari.folder))
    found = json.loads(atari.stops(1, "doctor", "--json"))["roms"]
    assert found["state"] == "fail"
    assert found["found"] == "104 of 104 unusable"
    assert "unset ALE_ROMS_DIR" in found["advice"]


def test_a_missing_ffmpeg_is_a_note(atari: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IMAGEIO_FFMPEG_EXE", str(atari.folder / "none"))
    found = findings(atari)["ffmpeg"]
    assert (found["state"], found["found"]) == ("note", "videos cannot be written")
    assert found["advice"]


def test_a_missing_display_and_sound_device_are_notes(
    atari: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SDL_AUDIODRIVER", "no-such-driver")
    found = findings(atari)
    assert found["display"]["state"] == found["sound"]["state"] == "note"
    monkeypatch.setenv("DISPLAY", ":7")
    assert findings(atari)["display"] == {"state": "ok", "found": "DISPLAY=:7", "advice": ""}


def test_the_key_file_is_found_and_checked(atari: Program) -> None:
    file = keys_file()
    assert file
    advice = f"write {file} to change keys"
    assert findings(atari)["keys"] == {"state": "ok", "found": "the defaults", "advice": advice}
    file.parent.mkdir(parents=True)
    file.write_text('[keys]\nfire = "q"\n')
    assert findings(atari)["keys"] == {"state": "ok", "found": str(file), "advice": ""}
    file.write_text("[keys]\nfire = q\n")
    broken = json.loads(atari.stops(1, "doctor", "--json"))["keys"]
    assert broken["state"] == "fail"
    assert broken["found"].startswith(f"key file {file}: ")
    assert "line 2" in broken["found"]


@pytest.mark.parametrize(("module", "check"), [("ale_py", "ale"), ("pygame", "sound")])
def test_a_missing_library_is_named(
    atari: Program, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, module: str, check: str
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    code = 1 if check == "ale" else 0
    found = json.loads(atari.stops(code, "doctor", "--json"))[check]
    assert module in found["found"]
    assert found["advice"].startswith("pip install")


def test_windows_is_not_advised_to_set_up_a_terminal(
    atari: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    assert findings(atari)["terminal"] == {
        "state": "note",
        "found": "none to play in",
        "advice": "`atari play` opens a window",
    }


def test_a_check_that_raises_is_a_failure_and_hides_no_other(
    atari: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> doctor.Finding:
        raise RuntimeError("no such place")

    monkeypatch.setitem(doctor.CHECKS, "keys", fail)
    found = json.loads(atari.stops(1, "doctor", "--json"))
    assert list(found) == CHECKS
    assert (found["keys"]["state"], found["keys"]["found"]) == (
        "fail",
        "RuntimeError: no such place",
    )
    assert found["ray"]["state"] in {"ok", "note"}


@pytest.mark.posix("Windows knows the home of each user")
@pytest.mark.usefixtures("homeless")
def test_a_user_without_a_home_gets_notes(atari: Program) -> None:
    found = findings(atari)
    assert found["keys"]["advice"] == "no home folder is known: set HOME to have your own"
    assert "set HOME, or ATARI_DATA_DIR to a whole path" in found["saves"]["advice"]


@pytest.mark.parametrize(
    ("variable", "text", "state", "expected"),
    [
        ("ATARI_GAME", "nope", "fail", "ATARI_GAME: no game is called 'nope'"),
        ("ATARI_MODE", "4", "fail", "ATARI_MODE: pong has no mode 4"),
        ("ATARI_FRAMESKIP", "x", "fail", "ATARI_FRAMESKIP must be a whole number"),
        ("ATARI_TOKEN", "", "fail", "ATARI_TOKEN must be visible ASCII characters"),
        ("OPENENV_MODE", "x", "fail", "OPENENV_MODE must be one of"),
        ("ATARI_FRAMESKPI", "4", "note", "has no effect; did you mean ATARI_FRAMESKIP?"),
        ("ATARI_OBS_TYPE", "ram", "ok", "ATARI_OBS_TYPE"),
    ],
)
def test_the_variables_are_checked(
    atari: Program,
    monkeypatch: pytest.MonkeyPatch,
    variable: str,
    text: str,
    state: str,
    expected: str,
) -> None:
    monkeypatch.setenv(variable, text)
    found = json.loads(atari.stops(state == "fail", "doctor", "--json"))["settings"]
    assert found["state"] == state
    assert expected in found["found"]


@pytest.mark.posix("it replaces a program by a script")
@pytest.mark.usefixtures("no_x264")
def test_an_ffmpeg_without_an_encoder_is_a_note(
    atari: Program,
) -> None:
    found = findings(atari)["ffmpeg"]
    assert (found["state"], found["found"]) == ("note", "mp4, mkv cannot be written")
    assert "writes no mp4: Unknown encoder 'libx264'" in found["advice"]
