"""Measures how complete ALE's own saved states are: the source of STATE_INCOMPLETE in `emulator`.

For each game it plays random actions, saves ALE's state at random frames, restores each of them
after `reset_game` (as Emulator does) and in a new ALE object, and compares the frames that follow
with those of the first time. Every game runs in its own process, because a restore can crash it.

    python scripts/measure_states.py                 # the default mode, 12,000 frames
    python scripts/measure_states.py --modes         # every mode, 2,500 frames each
"""

import argparse
import random
import subprocess
import sys
import zlib
from typing import NamedTuple

from ale_py import ALEInterface, ALEState, LoggerMode

from atari_cli.games import Game, all_games, find_game, rom_path

Seen = tuple[int, int, int, int, bool]


class Count(NamedTuple):
    """How many restored points were followed by other frames than at first."""

    points: int
    after_reset: int
    in_new_object: int


def main() -> None:
    """Measure all games, or the ones named, and print those whose states are incomplete."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("games", nargs="*")
    parser.add_argument("--modes", action="store_true", help="all modes, not the default alone")
    parser.add_argument("--one", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    for game in [find_game(name) for name in options.games] or all_games():
        if options.one:
            measure(game, options.modes)
            continue
        words = [sys.executable, __file__, "--one", game.id, *["--modes"] * options.modes]
        child = subprocess.run(words, capture_output=True, text=True, check=False)
        print(child.stdout, end="", flush=True)
        if child.returncode:
            print(f"{game.id}: the process ended with {child.returncode}", flush=True)


def measure(game: Game, all_modes: bool) -> None:
    """Print the modes of a game in which a restore is not exact."""
    for index, mode in enumerate(game.modes if all_modes else (game.default_mode,)):
        difficulty = game.difficulties[index % len(game.difficulties)] if all_modes else None
        frames, points, after = (2500, 16, 40) if all_modes else (12_000, 60, 60)
        count = count_differences(game, mode, difficulty, frames, points, after)
        if count.after_reset or count.in_new_object:
            print(
                f"{game.id} mode {mode}: of {count.points} points {count.after_reset} differ after "
                f"reset_game and restoreState, {count.in_new_object} in a new object",
                flush=True,
            )


def count_differences(
    game: Game, mode: int, difficulty: int | None, frames: int, points: int, after: int
) -> Count:
    """Play, save at `points` random frames, restore each, and compare the next `after` frames."""
    draw = random.Random(f"{game.id} {mode} {difficulty}")
    ale = boot(game, mode, difficulty)
    codes = held_codes(draw, frames + after)
    saved = {}
    trace: list[Seen] = []
    chosen = {1, 2, *(draw.randrange(1, frames) for _ in range(points))}
    for frame, code in enumerate(codes):
        if frame in chosen:
            saved[frame] = ale.cloneState(include_rng=True).serialize()
        trace += play(ale, [code])
        if ale.game_over():
            break
    new = boot(game, mode, difficulty)
    differing = {"after_reset": 0, "in_new_object": 0}
    for frame, state in saved.items():
        for name, target in (("after_reset", ale), ("in_new_object", new)):
            if target is ale:
                target.reset_game()
            target.restoreState(ALEState(state))
            expected = trace[frame : frame + after]
            differing[name] += play(target, codes[frame : frame + len(expected)]) != expected
    return Count(len(saved), **differing)


def boot(game: Game, mode: int, difficulty: int | None) -> ALEInterface:
    """Return a new ALE object that has booted the game."""
    ALEInterface.setLoggerMode(LoggerMode.Error)
    ale = ALEInterface()
    ale.setInt("random_seed", 0)
    ale.setFloat("repeat_action_probability", 0.0)
    ale.loadROM(rom_path(game))
    ale.setMode(mode)
    if difficulty is not None:
        ale.setDifficulty(difficulty)
    ale.reset_game()
    return ale


def held_codes(draw: random.Random, frames: int) -> list[int]:
    """Return random action codes, each held for 1 to 20 frames."""
    codes: list[int] = []
    while len(codes) < frames:
        codes += [draw.randrange(18)] * draw.choice([1, 1, 2, 4, 8, 20])
    return codes[:frames]


def play(ale: ALEInterface, codes: list[int]) -> list[Seen]:
    """Return the screen, RAM, reward, lives and end of each frame."""
    seen = []
    for code in codes:
        reward = ale.act(code)
        screen, ram = zlib.crc32(ale.getScreen().data), zlib.crc32(ale.getRAM().data)
        seen.append((screen, ram, reward, ale.lives(), ale.game_over()))
    return seen


if __name__ == "__main__":
    main()
