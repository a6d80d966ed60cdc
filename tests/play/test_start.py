import os
import random
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from atari_cli.actions import FIRE, LEFT, RIGHT
from atari_cli.config import PlayConfig
from atari_cli.errors import InvalidSetting, NoDisplay, PolicyFailed, RecordingError
from atari_cli.play.interface import Command, FrontEnd, Inputs, View
from atari_cli.play.saved.capture import VideoCapture
from atari_cli.play.start import OpenFrontEnd, Outcome, play, watch
from atari_cli.policies import find_policy
from atari_cli.recording import Recording, load_recording, verify
from atari_cli.system.pacing import Pacer
from tests.play.front_ends import Script
from tests.play.sessions import settings
from tests.recording.episodes import record

ENDING = [getattr(signal, n) for n in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, n)]
LEAVE = Inputs(commands=(Command.LEAVE,))
TAKE_OVER = Inputs(commands=(Command.TAKE_OVER,))
VIDEO = Inputs(commands=(Command.VIDEO,))
SCREENSHOT = Inputs(commands=(Command.SCREENSHOT,))
SAVE = Inputs(commands=(Command.SAVE,))


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Pacer, "seconds_to_wait", lambda pacer: 0.0)
    left: property = vars(Pacer)["left"]
    # Every picture is shown, however slow the machine is.
    monkeypatch.setattr(Pacer, "left", property(lambda pacer: max(left.__get__(pacer), 0.0)))


def opening(script: FrontEnd) -> OpenFrontEnd:
    return lambda game, config, keymap: script


def acting(acts: dict[int, Callable[[], object]], codes: int = 40) -> Iterator[Inputs]:
    """Yield inputs with codes, and call a function before some of the ticks."""
    for tick in range(codes):
        acts.get(tick, lambda: None)()
        yield Inputs(code=(FIRE, LEFT, RIGHT)[tick % 3])
    yield LEAVE


def fail() -> None:
    raise RuntimeError("the window is gone")


def play_script(folder: Path, script: Script, **options: Any) -> Outcome:
    config = PlayConfig(out=folder)
    return play(settings(**options), config, opening(script))


def the_only_recording(folder: Path) -> Recording:
    (file,) = folder.glob("*.npz")
    assert not list(folder.glob("*.journal"))
    recording = load_recording(file)
    verify(recording)
    return recording


def test_a_played_game_is_written_and_reported(tmp_path: Path) -> None:
    script = Script(acting({}))
    outcome = play_script(tmp_path, script)
    recording = the_only_recording(tmp_path)
    (played,) = outcome.played
    assert (played.file, played.frames, played.player) == (recording.path, 40, "human")
    assert recording.steps == 40
    assert (outcome.videos, outcome.note) == ([], None)
    assert len(script.shown) == len(script.heard) == 41
    assert not script.is_open


def test_a_message_names_a_file_as_the_player_knows_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    script = Script([Inputs(), SCREENSHOT, *[Inputs()] * 5, LEAVE])
    play_script(Path("games"), script)
    (file,) = Path("games").glob("*.png")
    assert f"wrote {file}" in {view.message for view in script.shown}


def test_an_agent_that_changes_the_directory_moves_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.setenv("ATARI_DATA_DIR", "data")

    def inputs() -> Iterator[Inputs]:
        yield from [Inputs(), VIDEO]
        os.chdir("elsewhere")
        yield from [SCREENSHOT, SAVE, LEAVE]

    outcome = play_script(Path("games"), Script(inputs()))
    os.chdir(tmp_path)
    (played,) = outcome.played
    assert played.file is not None
    assert played.file.parent == Path("games")
    assert load_recording(played.file).steps == played.frames
    assert outcome.videos == [Path("games/breakout-play.mp4")]
    assert all(Path(folder).is_dir() for folder in ("games", "data/slots"))
    assert not list((tmp_path / "elsewhere").iterdir())


def test_a_game_without_a_step_leaves_no_file(tmp_path: Path) -> None:
    outcome = play_script(tmp_path, Script([LEAVE]))
    assert outcome.played == []
    assert not list(tmp_path.iterdir())


def test_without_recording_nothing_is_written(tmp_path: Path) -> None:
    config = PlayConfig(out=tmp_path, record=False)
    script = Script(acting({}))
    outcome = play(settings(), config, opening(script))
    (played,) = outcome.played
    assert played.file is None
    assert not script.shown[0].recording
    assert not list(tmp_path.glob("*.*"))


def test_a_front_end_that_fails_in_poll_leaves_a_complete_file(tmp_path: Path) -> None:
    script = Script(acting({20: fail}))
    with pytest.raises(RuntimeError, match="the window is gone"):
        play_script(tmp_path, script)
    assert the_only_recording(tmp_path).steps == 20
    assert not script.is_open


@pytest.mark.parametrize("method", ["show", "hear"])
def test_a_front_end_that_fails_in_show_or_hear_leaves_a_complete_file(
    tmp_path: Path, method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = Script(acting({}))

    def show(view: View) -> None:
        if view.frame == 20:
            fail()

    monkeypatch.setattr(script, method, show)
    with pytest.raises(RuntimeError, match="the window is gone"):
        play_script(tmp_path, script)
    assert the_only_recording(tmp_path).steps == 20


def test_without_a_display_no_file_is_created(tmp_path: Path) -> None:
    def open_nothing(*arguments: object) -> FrontEnd:
        raise NoDisplay("no display")

    with pytest.raises(NoDisplay):
        play(settings(), PlayConfig(out=tmp_path), open_nothing)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("number", ENDING)
def test_a_signal_ends_the_session_with_a_complete_file(tmp_path: Path, number: int) -> None:
    before = signal.getsignal(number)
    outcome = play_script(tmp_path, Script(acting({20: lambda: signal.raise_signal(number)})))
    assert outcome.played[0].frames == the_only_recording(tmp_path).steps == 20
    assert signal.getsignal(number) is before


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_second_signal_interrupts_a_hanging_game_and_keeps_its_file(
    tmp_path: Path, number: int
) -> None:
    def twice() -> None:
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(number)

    with pytest.raises(KeyboardInterrupt):
        play_script(tmp_path, Script(acting({20: twice})))
    assert the_only_recording(tmp_path).steps == 20


def test_a_signal_does_not_interrupt_the_writing_of_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from atari_cli.play.saved.shelf import Shelf

    put_away = Shelf.put_away

    def interrupted(shelf: Shelf, run: object) -> object:
        signal.raise_signal(signal.SIGTERM)
        return put_away(shelf, run)  # type: ignore[arg-type]

    monkeypatch.setattr(Shelf, "put_away", interrupted)
    assert len(play_script(tmp_path, Script(acting({}))).played) == 1
    assert the_only_recording(tmp_path).steps == 40


@pytest.mark.posix("SIGHUP")
def test_ignored_signals_stay_ignored(tmp_path: Path) -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        play_script(tmp_path, Script(acting({20: lambda: signal.raise_signal(signal.SIGHUP)})))
    finally:
        signal.signal(signal.SIGHUP, before)
    assert the_only_recording(tmp_path).steps == 40


def agents(folder: Path, source: str, games: int | None = None, ticks: int = 40) -> Outcome:
    (folder / "policy.py").write_text(source, "utf-8")
    policy = find_policy(str(folder / "policy.py"), "breakout")
    config = PlayConfig(out=folder / "out")
    script = Script(iter([*[Inputs()] * ticks, LEAVE]))
    return play(settings(max_frames=30), config, opening(script), policy, games=games)


def test_a_failing_agent_leaves_a_complete_file_and_restores_the_generators(tmp_path: Path) -> None:
    state = random.getstate()
    source = "n = 0\ndef policy(observation):\n    global n\n    n += 1\n    return 1 // (n < 21)"
    outcome = agents(tmp_path, source + " - 1")
    assert "ZeroDivisionError" in str(outcome.failure)
    assert the_only_recording(tmp_path / "out").steps == 20
    assert [played.frames for played in outcome.played] == [20]
    assert random.getstate() == state


FAILS_IN_RESET = """
class Policy:
    games = 0

    def reset(self, seed):
        Policy.games += 1
        if Policy.games == {fails}:
            raise ValueError("no more")

    def __call__(self, observation):
        return 1
"""


def test_an_agent_that_fails_before_the_first_step_leaves_no_file(tmp_path: Path) -> None:
    state = random.getstate()
    with pytest.raises(PolicyFailed, match="no more"):
        agents(tmp_path, FAILS_IN_RESET.format(fails=1))
    assert not list((tmp_path / "out").iterdir())
    assert random.getstate() == state


def test_an_agent_that_fails_between_two_games_keeps_the_first(tmp_path: Path) -> None:
    outcome = agents(tmp_path, FAILS_IN_RESET.format(fails=2), ticks=400)
    assert "no more" in str(outcome.failure)
    assert the_only_recording(tmp_path / "out").steps == 30


def test_the_session_ends_with_the_last_of_its_games(tmp_path: Path) -> None:
    outcome = agents(tmp_path, "def policy(observation):\n    return 1\n", games=2, ticks=400)
    assert [played.frames for played in outcome.played] == [30, 30]
    assert len(list((tmp_path / "out").glob("*.npz"))) == 2


def test_the_number_of_games_cannot_be_zero(tmp_path: Path) -> None:
    with pytest.raises(InvalidSetting, match="episodes"):
        play(settings(), PlayConfig(out=tmp_path), opening(Script()), games=0)


def test_videos_and_the_note_of_the_front_end_are_reported(tmp_path: Path) -> None:
    script = Script(iter([VIDEO, *[Inputs()] * 5, LEAVE]))
    script.note = "no sound"
    outcome = play_script(tmp_path, script)
    assert [path.name for path in outcome.videos] == ["breakout-play.mp4"]
    assert outcome.note == "no sound"


def test_a_video_that_fails_at_the_end_is_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(film: VideoCapture) -> None:
        film.abandon()
        raise RecordingError("no space left for the video")

    monkeypatch.setattr(VideoCapture, "finish", fail)
    outcome = play_script(tmp_path, Script(iter([VIDEO, *[Inputs()] * 5, LEAVE])))
    assert (outcome.videos, outcome.note) == ([], "no space left for the video")
    assert the_only_recording(tmp_path).steps == 6


# Watching


@pytest.fixture
def recording(tmp_path: Path) -> Recording:
    return load_recording(record(tmp_path / "recorded", "breakout", 100, frameskip=1))


def watch_script(folder: Path, recording: Recording, script: Script, first: int = 0) -> Outcome:
    return watch(recording, PlayConfig(out=folder / "out"), opening(script), first)


def test_watching_a_recording_to_its_end_makes_no_file(
    tmp_path: Path, recording: Recording
) -> None:
    script = Script()
    outcome = watch_script(tmp_path, recording, script)
    assert len(script.shown) == 101
    assert outcome.played == []
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("first", [0, 20])
def test_taking_over_a_recording_continues_it_in_a_new_file(
    tmp_path: Path, recording: Recording, first: int
) -> None:
    # The tick after taking over catches up with the watched steps.
    inputs = [*[Inputs()] * 10, TAKE_OVER, Inputs(), *[Inputs(code=LEFT)] * 15, LEAVE]
    monkey = Script(iter(inputs))
    before = recording.path.read_bytes()
    outcome = watch_script(tmp_path, recording, monkey, first)
    mine = the_only_recording(tmp_path / "out")
    taken = mine.steps - 15
    assert 10 <= taken < 40
    assert outcome.played[0].player == "human, random"
    assert mine.arrays["actors"].tolist() == [0] * taken + [1] * 15
    assert np.array_equal(mine.arrays["actions"][:taken], recording.arrays["actions"][:taken])
    assert np.array_equal(mine.arrays["hashes"][:taken], recording.arrays["hashes"][:taken])
    assert mine.arrays["actions"][taken:].tolist() == [LEFT] * 15
    assert recording.path.read_bytes() == before


def test_taking_over_keeps_sound_speed_and_display(tmp_path: Path, recording: Recording) -> None:
    turned = (Command.QUIETER, Command.MUTE, Command.HUD, Command.SLOW_MOTION, Command.NEXT_SLOT)
    script = Script(iter([Inputs(commands=turned), Inputs(), TAKE_OVER, Inputs(), LEAVE]))
    watch_script(tmp_path, recording, script)
    views = [script.shown[tick] for tick in (1, 3)]
    before, after = ((v.volume, v.muted, v.hud, v.status, v.slot) for v in views)
    assert before == after == (90, True, True, "slow", 1)


def test_videos_of_watching_and_playing_are_reported(tmp_path: Path, recording: Recording) -> None:
    inputs = [VIDEO, Inputs(), TAKE_OVER, VIDEO, Inputs(), LEAVE]
    outcome = watch_script(tmp_path, recording, Script(iter(inputs)))
    assert [path.name for path in outcome.videos] == ["breakout-play.mp4", "breakout-play-2.mp4"]


def test_a_signal_ends_watching(tmp_path: Path, recording: Recording) -> None:
    script = Script(acting({20: lambda: signal.raise_signal(signal.SIGTERM)}))
    assert watch_script(tmp_path, recording, script).played == []
    assert len(script.shown) == 21


def test_a_signal_is_not_undone_by_taking_over(tmp_path: Path, recording: Recording) -> None:
    def inputs() -> Iterator[Inputs]:
        yield Inputs()
        signal.raise_signal(signal.SIGTERM)
        yield TAKE_OVER

    assert watch_script(tmp_path, recording, Script(inputs())).played == []
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("first", [-1, 101])
def test_an_invalid_first_step_is_refused(tmp_path: Path, recording: Recording, first: int) -> None:
    with pytest.raises(InvalidSetting, match="first_step"):
        watch_script(tmp_path, recording, Script(), first)


def test_the_loop_runs_at_the_frame_rate_of_the_console(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticks: list[float] = []
    monkeypatch.setattr(Pacer, "begin", lambda pacer, seconds: ticks.append(seconds))
    play_script(tmp_path, Script([LEAVE]), game="keystone_kapers")
    assert ticks == [1 / 50]
