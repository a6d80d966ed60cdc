"""The program in a real window: keys and mouse play, and the shown game is the recorded one."""

import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic

import imageio_ffmpeg
import numpy as np
import pytest
from imageio import v3 as imageio
from numpy.typing import ArrayLike

from atari_cli.environment import AtariEnvironment
from atari_cli.model import Bytes
from atari_cli.recording import Recording, load_recording, verify
from tests.play.sessions import Game
from tests.play.window.x_display import MISSING, XDisplay

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(bool(MISSING), reason=f"needs {', '.join(MISSING)}"),
]

ZOOM = 4
LEFT = 4
PILL = slice(0, 48), slice(0, 160)
"""The part of the window that shows messages."""


class FinishedGame:
    """The program with its window on a display.

    Attributes:
        folder: The folder of its files.
        said: Its output, once it has ended.
    """

    def __init__(self, display: XDisplay, folder: Path, *words: object) -> None:
        self.display, self.folder = display, folder
        self.said = ""
        self._name = folder.name
        command = [sys.executable, "-m", "atari_cli", *map(str, words), "--out", str(folder)]
        self._program = subprocess.Popen(
            command,
            env={**display.variables, "SDL_VIDEO_X11_WMCLASS": self._name},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        # If an expected event never comes, the program is ended, and with it the wait.
        self._timer = threading.Timer(90, self._program.kill)
        self._timer.start()
        self.window = ""

    def find(self) -> None:
        """Wait until the window has the keyboard and shows the game: its title has the score."""
        self.wait(self._is_shown)

    def _is_shown(self) -> bool:
        self.window = self.display.window(self._name)
        try:
            return bool(re.search(r" \S -?\d+$", self.title()))
        except subprocess.CalledProcessError:
            # Before its own window, SDL opens another that soon disappears.
            return False

    def press(self, *keys: str) -> None:
        self.display.do("key", *keys)

    def hold(self, key: str, until: Callable[[], bool]) -> None:
        """Hold a key down until a function returns true."""
        self.display.do("keydown", key)
        self.wait(until)
        self.display.do("keyup", key)

    def passes(self, frames: int) -> Callable[[], bool]:
        """Return a function that says whether that many frames have passed since its first call."""
        seen: list[int] = []

        def ask() -> bool:
            seen.append(self.frame())
            return seen[-1] > seen[0] + frames

        return ask

    def wait(self, until: Callable[[], bool]) -> None:
        end = monotonic() + 20
        while not until():
            assert monotonic() < end, "the expected event did not happen"

    def files(self, pattern: str) -> set[Path]:
        return {path for path in self.folder.glob(pattern) if path.stat().st_size}

    def photograph(self) -> tuple[int, Bytes]:
        """Take a screenshot; return the frame number in its name, and its pixels."""
        before = self.files("*.png")
        self.press("F12")
        self.wait(lambda: self.files("*.png") > before)
        (path,) = self.files("*.png") - before
        found = re.search(r"-frame-(\d+)", path.name)
        assert found
        return int(found[1]), imageio.imread(path)

    def frame(self) -> int:
        return self.photograph()[0]

    def still(self) -> int:
        """Return the frame at which the game has stopped, once it has."""
        frames = [self.frame()]
        self.wait(lambda: frames.append(self.frame()) or frames[-1] == frames[-2])  # type: ignore[func-returns-value]
        return frames[-1]

    @contextmanager
    def layout(self, name: str) -> Iterator[None]:
        """Use another keyboard layout, on the whole display."""
        try:
            self._set_layout(name)
            yield
        finally:
            self._set_layout("us")

    def _set_layout(self, name: str) -> None:
        subprocess.run(["setxkbmap", name], env=self.display.variables, check=True)

    def advance(self, frames: int = 1) -> int:
        """Advance a stopped game frame by frame; return the new frame."""
        first = self.frame()
        for frame in range(first + 1, first + frames + 1):
            self.press("n")
            self.wait(lambda frame=frame: self.frame() == frame)  # type: ignore[misc]
        return first + frames

    def pixels(self) -> Bytes:
        return self.display.pixels(self.window)

    def title(self) -> str:
        return self.display.do("getwindowname", self.window)

    def leave(self) -> None:
        """Press Escape, after which the program must end without an error."""
        self.press("Escape")
        self.said, _ = self._program.communicate(timeout=30)
        assert self._program.returncode == 0, self.said

    def recording(self) -> Recording:
        """Return the recording of the game, which must verify."""
        (file,) = self.folder.glob("*.npz")
        recording = load_recording(file)
        verify(recording)
        return recording

    def close(self) -> None:
        self._timer.cancel()
        self._program.kill()
        self._program.communicate()


Start = Callable[..., FinishedGame]


@pytest.fixture
def start(display: XDisplay, tmp_path: Path) -> Iterator[Start]:
    """Return a function that starts the program and finds its window."""
    started: list[FinishedGame] = []

    def start(*words: object) -> FinishedGame:
        folder = tmp_path / f"{tmp_path.name}-{len(started)}"
        folder.mkdir()
        started.append(FinishedGame(display, folder, *words))
        started[-1].find()
        return started[-1]

    yield start
    for played in started:
        played.close()


def screens_of(recording: Recording) -> list[Bytes]:
    """Play a recording again, frame by frame; return its screens, enlarged, RGB."""
    environment = AtariEnvironment(recording.config)
    results = [environment.reset(seed=recording.header["seed"])]
    for code in recording.arrays["actions"]:
        results.append(environment.step(environment.action_codes.index(code)))
    screens = [result.observation.pixels for result in results]
    return [screen.repeat(ZOOM, axis=0).repeat(ZOOM, axis=1) for screen in screens]


def runs(codes: ArrayLike) -> list[tuple[int, int]]:
    """Return the successive codes, each with the number of its repeats."""
    changes = np.flatnonzero(np.diff(codes)) + 1
    return [(int(part[0]), len(part)) for part in np.split(np.asarray(codes), changes)]


def test_window_screenshots_and_recording_show_the_same_game(start: Start) -> None:
    game = start("play", "breakout")
    assert re.fullmatch(r"Breakout - Breakaway IV \S 0", game.title())
    game.press("space")
    game.hold("Left", until=game.passes(30))
    game.press("p")
    photographs = []
    for _ in range(3):
        game.advance()
        photographs.append(game.photograph())
    last, photograph = photographs[-1]
    assert [frame for frame, _ in photographs] == [last - 2, last - 1, last]
    # The message about a screenshot disappears after a while.
    seen = photograph.copy()
    seen[PILL] = 0

    def is_shown() -> bool:
        shown = game.pixels().copy()
        shown[PILL] = 0
        return np.array_equal(shown, seen)

    game.wait(is_shown)
    assert not np.array_equal(game.pixels()[PILL], photograph[PILL])
    game.leave()
    recording = game.recording()
    screens = screens_of(recording)
    assert recording.steps == last
    assert recording.arrays["actors"].all()
    for frame, photograph in photographs:
        assert np.array_equal(photograph, screens[frame])
    assert max(count for code, count in runs(recording.arrays["actions"]) if code == LEFT) > 20
    assert f"human, in {recording.path}\n" in game.said


def test_the_game_can_be_rewound_saved_and_loaded(start: Start) -> None:
    game = start("play", "breakout")
    game.wait(lambda: game.frame() > 60)
    game.press("p", "F5")
    saved = game.still()
    game.advance(3)
    game.hold("r", until=lambda: game.frame() < saved)
    assert game.still() < saved
    game.press("F9")
    game.wait(lambda: game.frame() == saved)
    game.advance()
    game.leave()
    assert game.recording().steps == saved + 1


def test_the_game_stops_while_another_window_has_the_focus(start: Start) -> None:
    game = start("play", "breakout", "--zoom", 2)
    game.press("h")
    before = game.pixels()
    game.wait(lambda: not np.array_equal(game.pixels(), before))
    other = start("play", "pong", "--zoom", 2)
    game.display.do("windowmove", "--sync", other.window, "0", "0")

    def later(look: Callable[[], Bytes]) -> Bytes:
        first = other.frame()
        other.wait(lambda: other.frame() > first + 60)
        return look()

    # Not at once: its message disappears from the picture after a while.
    other.wait(lambda: np.array_equal(game.pixels(), later(game.pixels)))
    still = game.pixels()
    other.leave()
    game.find()
    game.wait(lambda: not np.array_equal(game.pixels(), still))
    game.leave()
    assert game.recording().steps > 0


def test_agent_and_human_take_turns(start: Start) -> None:
    game = start("play", "breakout", "--policy", "repeat:RIGHT")
    game.wait(lambda: game.frame() > 30)
    game.press("t")
    taken = game.frame()
    game.hold("Left", until=lambda: game.frame() > taken + 30)
    game.press("t")
    given = game.frame()
    game.wait(lambda: game.frame() > given + 30)
    game.leave()
    recording = game.recording()
    actors = runs(recording.arrays["actors"])
    assert [actor for actor, _ in actors] == [0, 1, 0]
    assert min(count for _, count in actors) > 20
    first, last = actors[0][1], actors[0][1] + actors[1][1]
    actions = recording.arrays["actions"]
    assert LEFT in actions[first:last]
    assert LEFT not in actions[:first]
    assert LEFT not in actions[last:]
    assert "human, repeat:RIGHT, in " in game.said


def test_a_video_contains_each_frame_that_was_shown(start: Start) -> None:
    game = start("play", "breakout")
    game.press("p", "v")
    game.still()
    game.advance(12)
    game.press("v")
    game.wait(lambda: bool(game.files("*.mp4")))
    game.leave()
    (video,) = game.files("*.mp4")
    assert f"wrote {video}\n" in game.said
    frames, _ = imageio_ffmpeg.count_frames_and_secs(video)
    assert frames == 12


def test_a_slow_policy_holds_up_neither_pictures_nor_keys(start: Start, tmp_path: Path) -> None:
    policy = tmp_path / "slow.py"
    policy.write_text("import time\n\ndef policy(observation):\n    time.sleep(30)\n    return 1\n")
    game = start("play", "breakout", "--policy", policy)
    before = game.pixels()
    game.press("h")
    game.wait(lambda: not np.array_equal(game.pixels(), before))
    assert game.frame() == 0
    game.hold("Left", until=lambda: game.frame() > 20)
    game.leave()
    assert LEFT in game.recording().arrays["actions"]


def test_a_display_of_16_bits_shows_everything(tmp_path: Path) -> None:
    with XDisplay(bits=16) as display:
        game = FinishedGame(display, tmp_path, "play", "breakout", "--zoom", 2)
        try:
            game.find()
            game.press("h")
            game.frame()
            before = display.dump()
            game.press("F1")
            game.wait(lambda: display.dump() != before)
            game.press("F1", "p")
            game.still()
            game.leave()
        finally:
            game.close()


def test_a_russian_layout_plays_by_the_places_of_its_keys(start: Start) -> None:
    game = start("play", "breakout")
    with game.layout("ru"):
        game.hold("Cyrillic_ef", until=lambda: game.frame() > 30)
        game.press("Cyrillic_ze")
        paused = game.still()
        game.press("Cyrillic_te")
        game.wait(lambda: game.frame() == paused + 1)
    game.leave()
    assert LEFT in game.recording().arrays["actions"]


def test_behind_the_help_no_screenshot_is_taken_and_escape_leaves_it_first(start: Start) -> None:
    game = start("play", "breakout")
    game.press("F1", "F12", "Escape")
    frames = [game.frame()]
    game.wait(lambda: frames.append(game.frame()) or frames[-1] > frames[0])  # type: ignore[func-returns-value]
    game.leave()
    assert len(game.files("*.png")) == len(frames)


def test_a_recording_can_be_sought_with_the_mouse_and_taken_over(
    start: Start, tmp_path: Path
) -> None:
    first = Game(tmp_path / "first", "freeway")
    first.wander(1200)
    original = first.put_away()
    game = start("replay", original.path, "--window")
    game.press("p")
    _, _, width, height = game.display.area(game.window)
    game.display.do("mousemove", "--window", game.window, str(width * 2 // 5), str(height - 16))
    game.display.do("click", "1")
    game.wait(lambda: game.frame() > 400)
    sought = game.still()
    assert sought < 800
    game.advance()
    game.press("t")
    game.wait(lambda: game.frame() > sought + 20)
    game.leave()
    mine = game.recording()
    actions = mine.arrays["actions"]
    # The game continues as soon as it is taken over.
    assert (actions[: sought + 1] == original.arrays["actions"][: sought + 1]).all()
    assert (actions[sought + 1 :] == 0).all()
    assert len(actions) > sought + 20
    assert f"in {mine.path}\n" in game.said
