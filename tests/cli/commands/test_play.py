"""`atari play` from the command line to the files that it leaves."""

import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from time import monotonic

import pytest

from atari_cli.api import play as play_api
from atari_cli.config import PLAY_SETTINGS, data_folder
from atari_cli.play.interface import Command, Inputs
from atari_cli.recording import Recording, load_recording, verify
from tests.cli.program import Program
from tests.play.front_ends import Script

AGENT = ("play", "breakout", "--policy", "random", "--episodes", 1)
SHORT = (*AGENT, "--max-frames", 12)
FILE = Path("recordings", "breakout-random-s0-000.npz")

ON_A_FULL_DISK = """
import resource, sys
from atari_cli.cli import main

resource.setrlimit(resource.RLIMIT_FSIZE, (2000, resource.RLIM_INFINITY))
sys.exit(main(sys.argv[1:]))
"""


def proven(path: Path) -> Recording:
    recording = load_recording(path)
    verify(recording)
    return recording


def give(monkeypatch: pytest.MonkeyPatch, inputs: Iterable[Inputs]) -> Script:
    """Let the program have a player who does something tick by tick, and leaves."""
    script = Script([*inputs, Inputs(commands=(Command.LEAVE,))])
    monkeypatch.setattr(play_api, "open_front_end", lambda terminal: lambda *_: script)
    return script


def start(*words: object) -> subprocess.Popen[str]:
    command = [sys.executable, *map(str, words)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def until_written(folder: Path) -> None:
    """Wait until the journal of a game in a folder has its first steps."""
    end = monotonic() + 30
    sizes: set[int] = set()
    while len(sizes) < 8:
        assert monotonic() < end, "nothing was recorded"
        sizes |= {path.stat().st_size for path in folder.glob("*.journal")}


def test_a_game_leaves_a_recording_that_verifies(atari: Program) -> None:
    first, *_ = atari(*SHORT).splitlines()
    assert first == f"breakout: 0 points in 0:00, random, in {FILE}"
    assert "verified: every step is the same" in atari("replay", FILE)
    recording = load_recording(FILE)
    assert (recording.steps, recording.header["totals"]["frames"]) == (12, 12)
    assert recording.arrays["actors"].tolist() == [0] * 12
    settings = recording.header["settings"]
    assert (settings["repeat_action_probability"], settings["frameskip"]) == (0.0, 1)


def test_each_printed_command_does_what_it_says(atari: Program) -> None:
    lines = atari(*SHORT).splitlines()[1:]
    commands = dict(line.split(":", 1) for line in lines)
    assert list(commands) == ["watch it", "as a video", "as data"]
    for command in commands.values():
        program, *words = shlex.split(command, posix=sys.platform != "win32")
        assert program == "atari"
        atari(*words)
    made = ["breakout-random-s0-000-screens.npz", "breakout-random-s0-000.mp4", FILE.name]
    assert atari.files("recordings") == made
    assert proven(FILE.with_name(made[0])).has_screens


def test_printed_commands_quote_folders_with_spaces(atari: Program) -> None:
    *_, as_data = atari(*SHORT, "--out", "my games").splitlines()
    _, *words = shlex.split(as_data.removeprefix("as data:"))
    atari(*words)
    assert proven(Path("my games", "breakout-random-s0-000-screens.npz")).has_screens


def test_a_failing_agent_ends_the_game_and_its_file_is_reported(atari: Program) -> None:
    Path("once.py").write_text(
        "def policy(observation, left=[0]):\n    return left.pop()\n", "utf-8"
    )
    out = atari.stops(1, "play", "breakout", "--policy", "once.py")
    file = Path("recordings", "breakout-once-s0-000.npz")
    assert out.startswith(f"breakout: 0 points in 0:00, once.py, in {file}\n")
    assert atari.notes.splitlines()[-1].startswith("atari: the policy raised IndexError: ")
    assert proven(file).steps == 1


def test_no_record_writes_nothing(atari: Program) -> None:
    assert atari(*SHORT, "--no-record") == "breakout: 0 points in 0:00, random\n"
    assert atari.files() == []


@pytest.mark.posix("Windows knows the home of each user")
@pytest.mark.usefixtures("homeless")
def test_without_a_home_a_game_is_played_if_nothing_is_kept(
    atari: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "set HOME, or ATARI_DATA_DIR" in atari.fails(2, *SHORT)
    assert atari(*SHORT, "--no-record") == "breakout: 0 points in 0:00, random\n"
    assert "saved games and scores were not kept" in atari.notes
    assert atari.files() == []
    monkeypatch.setenv("ATARI_DATA_DIR", "data")
    assert str(FILE) in atari(*SHORT)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("breakout", "--zoom", 0), "zoom must be a whole number from 1 to 16, got 0"),
        (("breakout", "--view", "x"), "view must be one of exact, tv, got 'x'"),
        (("breakout", "--volume", 101), "volume must be a whole number from 0 to 100, got 101"),
        (("breakout", "--policy", "rnadom"), "did you mean random?"),
        (("breakout", "--episodes", 0), "episodes must be a whole number from 1"),
        (("breakout", "--seed", "x"), "--seed must be a whole number from 0"),
        (("breakout", "--keys", "none.toml"), "key file none.toml: No such file"),
        (("breakot",), "no game is called 'breakot'; did you mean"),
    ],
)
def test_an_invalid_option_is_reported_in_one_line(
    atari: Program, words: tuple[object, ...], expected: str
) -> None:
    assert expected in atari.fails(2, "play", *words)
    assert atari.files() == []


def test_a_broken_key_file_is_reported_in_one_line(atari: Program) -> None:
    Path("keys.toml").write_text("[keys]\nfire = 3\n")
    assert "key file keys.toml: [keys] fire" in atari.fails(2, "play", "--keys", "keys.toml")
    Path("keys.toml").write_text("[keys\n")
    assert "key file keys.toml" in atari.fails(2, "play", "--keys", "keys.toml")


@pytest.mark.posix("a system that may have no display")
def test_without_a_display_the_error_says_where_to_play_instead(
    atari: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("SDL_VIDEODRIVER", "DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    line = atari.fails(1, "play", "breakout")
    assert "there is no display to open a window on" in line
    assert "play in this terminal with `atari play --terminal`" in line
    assert "its page /web" in line
    assert atari.files() == []


NO_TERMINAL = "has no terminal" if sys.platform == "win32" else "needs a terminal"


def test_playing_in_a_terminal_requires_a_terminal(atari: Program) -> None:
    assert NO_TERMINAL in atari.fails(1, "play", "breakout", "--terminal")
    atari(*SHORT)
    assert NO_TERMINAL in atari.fails(1, "replay", FILE, "--terminal")


def test_the_former_name_of_the_terminal_option_works_but_is_not_listed(atari: Program) -> None:
    atari(*SHORT)
    assert NO_TERMINAL in atari.fails(1, "replay", FILE, "--watch")
    assert "--watch" not in atari("replay", "--help")


def test_without_a_sound_device_it_plays_silently_and_says_so(
    atari: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SDL_AUDIODRIVER", "nonsense")
    assert f"in {FILE}" in atari(*SHORT)
    assert atari.notes == "atari: no sound: Audio target 'nonsense' not available\n"
    assert proven(FILE).steps == 12


def test_settings_given_for_an_agent_are_used(atari: Program) -> None:
    atari(*SHORT, "--frameskip", 4)
    recording = proven(FILE)
    assert recording.config.frameskip == 4
    assert (recording.steps, recording.header["totals"]["frames"]) == (3, 12)


def test_variables_choose_the_game_but_not_the_settings_meant_for_agents(
    atari: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in [("GAME", "pong"), ("FRAMESKIP", "4"), ("REPEAT_ACTION_PROB", "0.25")]:
        monkeypatch.setenv(f"ATARI_{name}", value)
    atari("play", *SHORT[2:])
    (name,) = atari.files("recordings")
    config = proven(Path("recordings", name)).config
    assert config.game == "pong"
    assert config.frameskip == PLAY_SETTINGS["frameskip"]
    assert config.repeat_action_probability == PLAY_SETTINGS["repeat_action_probability"]


def test_a_recording_is_shown_to_its_end_from_any_step(atari: Program) -> None:
    atari(*SHORT)
    assert atari("replay", FILE, "--window") == ""
    assert atari("replay", FILE, "--window", "--from", 11) == ""
    assert "--from must be a whole number from 0 to 12" in atari.fails(
        2, "replay", FILE, "--window", "--from", 13
    )


@pytest.mark.parametrize(
    "words",
    [
        ("--window", "--watch"),
        ("--window", "--video", "film.mp4"),
        ("--window", "--npz", "more.npz"),
        ("--watch", "--json"),
        ("--from", 3),
    ],
)
def test_conflicting_options_are_refused(atari: Program, words: tuple[object, ...]) -> None:
    line = atari.fails(2, "replay", FILE, *words)
    assert re.search("leave out --[a-z]+$|--from needs", line.rstrip())


def test_an_unwritable_folder_is_reported_in_one_line_at_once(atari: Program) -> None:
    Path("taken").write_text("mine")
    line = atari.fails(1, "play", "breakout", "--out", "taken")
    assert "taken is not a folder; make it one or choose another folder" in line
    assert atari.files() == ["taken"]


def test_an_unusable_slot_is_reported_and_the_game_continues(
    atari: Program, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    save, load = Inputs(commands=(Command.SAVE,)), Inputs(commands=(Command.LOAD,))
    played = [Inputs()] * 5
    give(monkeypatch, [*played, save])
    atari("play", "pong")
    slots = data_folder() / "slots"
    (slots / "pong-0.npz").rename(slots / "breakout-0.npz")
    script = give(monkeypatch, [*played, load, *played])
    atari("play", "breakout")
    assert "slot 0 of breakout holds a game of pong" in script.shown[-1].message
    (slots / "breakout-0.npz").write_bytes(b"garbage")
    script = give(monkeypatch, [*played, load, *played])
    atari("play", "breakout")
    assert "breakout-0.npz" in script.shown[-1].message
    files = sorted(Path("recordings").glob("breakout-*"))
    assert [proven(file).steps for file in files] == [11, 11]
    assert (slots / "breakout-0.npz").read_bytes() == b"garbage"


def test_a_saved_game_can_be_continued_later(
    atari: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    fire = [Inputs(code=1)] * 5
    give(monkeypatch, [*fire, Inputs(commands=(Command.SAVE,))])
    atari("play", "breakout")
    script = give(monkeypatch, [Inputs(commands=(Command.LOAD,)), *[Inputs(code=3)] * 4])
    atari("play", "breakout")
    assert script.shown[0].message.startswith("loaded slot 0: ")
    (_, second) = sorted(Path("recordings").glob("*.npz"))
    # The tick of a command plays a step too, except for loading and leaving.
    assert proven(second).arrays["actions"].tolist() == [1] * 5 + [3] * 4


@pytest.mark.posix("sends a signal to another process")
@pytest.mark.slow
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_a_signal_leaves_the_game_as_escape_does(tmp_path: Path, name: str) -> None:
    """Ctrl-C is one way of leaving a game, and no error."""
    program = start("-m", "atari_cli", "play", "breakout", "--out", tmp_path)
    until_written(tmp_path)
    program.send_signal(signal.Signals[name])
    out, errors = program.communicate(timeout=30)
    assert (program.returncode, errors) == (0, "")
    assert "breakout: 0 points in 0:0" in out
    (file,) = tmp_path.glob("breakout*")
    assert f"watch it:   atari replay {file} --window" in out
    assert proven(file).steps > 0


@pytest.mark.slow
def test_two_programs_in_one_folder_write_a_file_each(tmp_path: Path) -> None:
    words = ("-m", "atari_cli", *SHORT, "--out", tmp_path, "--max-frames", 90)
    programs = [start(*words), start(*words)]
    said = "".join(program.communicate(timeout=60)[0] for program in programs)
    files = sorted(tmp_path.glob("breakout*"))
    assert len(files) == 2
    for file in files:
        assert f"random, in {file}\n" in said
        assert proven(file).steps == 90


@pytest.mark.posix("limits the size of files")
@pytest.mark.slow
def test_a_full_disk_does_not_stop_the_game(tmp_path: Path) -> None:
    words = ("play", "ms_pacman", *AGENT[2:], "--max-frames", 240, "--out", tmp_path)
    program = start("-c", ON_A_FULL_DISK, *words)
    out, errors = program.communicate(timeout=60)
    assert (program.returncode, out) == (1, "ms_pacman: 0 points in 0:04, random\n")
    assert errors.count("\n") == 1
    kept = re.search(rf"`atari recover {tmp_path}` brings back (\d+) steps, not all 240", errors)
    assert kept
    start("-m", "atari_cli", "recover", tmp_path).communicate(timeout=60)
    (file,) = tmp_path.glob("ms_pacman*")
    assert proven(file).steps == int(kept[1]) > 20
