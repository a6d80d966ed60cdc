"""`atari play`: its start, its pace, fast-forward and rewind."""

import os
import subprocess
import sys
import zlib
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter, sleep
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from atari_cli.config import PLAY_SETTINGS, EnvironmentConfig, PlayConfig
from atari_cli.games import find_game
from atari_cli.play.agent import Agent
from atari_cli.play.game_run import GameRun
from atari_cli.play.interface import FrontEnd
from atari_cli.play.start import Outcome, play
from atari_cli.policies import find_policy
from atari_cli.recording import POLICY, load_recording
from atari_cli.system.pacing import Pacer
from benchmarks.peers import loaded
from benchmarks.play.windows import FastWindow, TimedWindow
from benchmarks.report import Row
from benchmarks.timing import Effort, Figures, ratio, seconds, side_by_side

_UNSEEN: Final = {"SDL_VIDEODRIVER": "dummy", "SDL_AUDIODRIVER": "dummy"}

_FAST: Final = ("pong", "breakout", "ms_pacman")
_FAST_FRAMES: Final = 1500

_HOURS: Final = {"pong": "tracker", "breakout": "tracker", "space_war": "random"}
"""Games that last for an hour when these policies play; Space War is a PAL game."""

_JUMPS: Final = 9


def first_frame(effort: Effort) -> list[Row]:
    figures = side_by_side({"atari play": _start, "import": _import}, effort.pick(15, 1))
    value = ratio(figures, "atari play", "import")
    milliseconds = {name: [1000 * time for time in times] for name, times in figures.items()}
    what = "first frame of `atari play pong` over importing pygame and ale_py"
    return [Row(what, value, 2, milliseconds, "ms", at_most=True)]


def pace(effort: Effort) -> list[Row]:
    """Show ten minutes of breakout with sound in the window while they are recorded."""
    frames = effort.pick(36_000, 240)
    with ProcessPoolExecutor(2, get_context("spawn"), _hide) as pool:
        sleeping = pool.submit(_slept, frames)
        intervals, drift, core = pool.submit(_paced, frames).result()
        bare = sleeping.result()
    late = {
        "median": [1000 * float(np.median(intervals))],
        "most": [1000 * float(intervals.max())],
        "99th percentile of bare sleeps meanwhile": [1000 * float(np.percentile(bare, 99))],
    }
    off = {"drift": [drift], "pictures left out": [float(frames - 1 - len(intervals))]}
    tail = 1000 * float(np.percentile(intervals, 99))
    what = "99th percentile of the time between two pictures"
    where = f"against the wall clock over {frames:,} frames"
    return [
        Row(what, tail, 18, late, "ms", unit="ms", at_most=True),
        Row(f"drift {where}", drift, 1, off, "frames", unit="frames", at_most=True),
        Row(
            "CPU of one core at 60 frames/s, zoom 4",
            core,
            35,
            {"CPU": [core]},
            "%",
            unit="%",
            at_most=True,
        ),
    ]


def fast_forward(effort: Effort) -> list[Row]:
    return [_game_fast(game, effort) for game in _FAST]


def rewind(effort: Effort) -> list[Row]:
    """Play an hour in memory and go back by minutes; only Linux reports the memory of a process."""
    if not Path("/proc/self/statm").exists():
        print("play-rewind: measured on Linux alone", file=sys.stderr)
        return []
    seconds_long = effort.pick(3600, 120)
    hours = {game: apart(_hour, game, policy, seconds_long) for game, policy in _HOURS.items()}
    memory: Figures = {game: [grown] for game, (grown, _) in hours.items()}
    jumps: Figures = {game: times for game, (_, times) in hours.items()}
    most, slowest = max(map(max, memory.values())), max(map(median, jumps.values()))
    return [
        Row("memory that an hour of play takes", most, 100, memory, "MB", unit="MB", at_most=True),
        Row("jump back by a minute", slowest, 100, jumps, "ms", unit="ms", at_most=True),
    ]


def _start() -> float:
    """Return the time from the command to the first picture, after which the program ends."""
    with TemporaryDirectory() as folder:
        command = [
            sys.executable,
            "-m",
            "benchmarks.play.first_frame",
            "play",
            "pong",
            "--out",
            folder,
        ]
        started = perf_counter()
        with subprocess.Popen(command, stdout=subprocess.PIPE, env=_variables(folder)) as process:
            assert process.stdout
            line = process.stdout.readline()
            taken = perf_counter() - started
            process.stdout.read()
        if line != b"first frame\n" or process.returncode:
            raise RuntimeError(f"expected the first frame, got {line!r}")
    return taken


def _import() -> float:
    command = [sys.executable, "-c", "import pygame, ale_py"]
    call = partial(subprocess.run, command, stdout=subprocess.PIPE, env=_variables(), check=True)
    return seconds(call)


def _variables(folder: str = "") -> dict[str, str]:
    """Return variables with which a program uses compiled modules, as an installed one does."""
    kept = {name: text for name, text in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return kept | _UNSEEN | {"ATARI_DATA_DIR": folder}


def apart(call: Callable[..., Any], *arguments: object) -> Any:
    """Call a function in a new process without screen and speaker."""
    with ProcessPoolExecutor(1, get_context("spawn"), _hide) as pool:
        return pool.submit(call, *arguments).result()


def _hide() -> None:
    os.environ.update(_UNSEEN)


def _play(game: str, window: Callable[..., FrontEnd], folder: str, policy: str = "") -> Outcome:
    """Play as `atari play` does, with another window."""
    os.environ["ATARI_DATA_DIR"] = folder
    config = EnvironmentConfig(game).with_settings(PLAY_SETTINGS)
    source = find_policy(policy, game, find_game(game).minimal_actions) if policy else None
    return play(config, PlayConfig(out=Path(folder)), window, source)


def _paced(frames: int) -> tuple[Any, float, float]:
    """Return seconds between pictures, the drift in frames, and percent of a core."""
    opened: list[TimedWindow] = []

    def open_window(*arguments: Any) -> TimedWindow:
        opened.append(TimedWindow(frames, *arguments))
        return opened[0]

    with TemporaryDirectory() as folder:
        outcome = _play("breakout", open_window, folder, "tracker")
    # The tick in which the player leaves shows a picture, but plays no frame.
    if outcome.note or outcome.played[0].frames < frames - 1:
        raise RuntimeError(f"expected {frames} frames with sound, got {outcome}")
    return opened[0].intervals, opened[0].drift, opened[0].core


def _slept(frames: int) -> NDArray[np.float64]:
    """Return the seconds between the ticks of a loop that does nothing else on the same machine."""
    pacer, tick, times = Pacer(), 1 / find_game("breakout").fps, []
    for _ in range(frames):
        pacer.begin(tick)
        sleep(pacer.seconds_to_wait())
        times.append(perf_counter())
    return np.diff(times)


def _game_fast(game: str, effort: Effort) -> Row:
    figures = apart(_fast_rounds, game, effort.pick(15, 1))
    value = ratio(figures, "fast-forward", "ale.act")
    return Row(f"fast-forward over an `ale.act` loop, {game}", value, 0.65, figures, "frames/s")


def _fast_rounds(game: str, repeats: int) -> Figures:
    codes = b""

    def fast() -> float:
        nonlocal codes
        opened: list[FastWindow] = []

        def open_window(*arguments: Any) -> FastWindow:
            opened.append(FastWindow(_FAST_FRAMES, *arguments))
            return opened[0]

        with TemporaryDirectory() as folder:
            file = _play(game, open_window, folder).played[0].file
            assert file
            codes = load_recording(file).arrays["frame_actions"].tobytes()
        return opened[0].rate

    def bare() -> float:
        ale = loaded(game)
        return len(codes) / seconds(lambda: [ale.act(code) for code in codes])

    return side_by_side({"fast-forward": fast, "ale.act": bare}, repeats)


def _hour(game: str, policy: str, seconds_long: int) -> tuple[float, list[float]]:
    """Return the growth of memory in an hour of play in MB, and the times of some jumps in ms."""
    run = GameRun(EnvironmentConfig(game).with_settings(PLAY_SETTINGS), policy=policy)
    fps, codes = run.environment.game.fps, run.environment.game.minimal_actions
    agent = Agent(find_policy(policy, game, codes), codes, patience=60)
    agent.begin(0, 0)
    before = _resident()
    for _ in range(seconds_long * fps):
        run.environment.keep_observation()
        choice = agent.choose(run.result.observation)
        assert choice is not None
        run.step(choice, POLICY)
    grown = _resident() - before
    played = run.live.episode()
    # A few frames more each time, so that the distance from the keyframe varies.
    times = [
        1000 * seconds(partial(run.back_to, run.live.steps - 60 * fps - 7 * jump))
        for jump in range(min(_JUMPS, seconds_long // 60 - 1))
    ]
    emulator, step = run.environment.emulator, run.live.steps
    if (
        zlib.crc32(emulator.ram().data, zlib.crc32(emulator.screen().data))
        != played.arrays["hashes"][step]
    ):
        raise RuntimeError(f"{game} did not go back to step {step}")
    run.catch_up(played, step + 30 * fps)
    if (run.live.episode().arrays["hashes"] != played.arrays["hashes"][: run.live.steps + 1]).any():
        raise RuntimeError(f"{game} continued differently after it went back to step {step}")
    return grown, times


def _resident() -> float:
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * os.sysconf("SC_PAGESIZE") / 1e6
