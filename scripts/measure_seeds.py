"""Measures where ALE's own generator matters: the ground of SEEDED_MODES in `emulator`.

Each mode and difficulty of each game is booted with two seeds, without sticky actions, and given
the same actions; what differs is printed.

    python scripts/measure_seeds.py
"""

import random
import zlib

from ale_py import ALEInterface, LoggerMode

from atari_cli.games import Game, all_games, rom_path

SEEDS = (0, 12_345)
FRAMES = 120


def main() -> None:
    """Measure all games and print the modes that a seed changes."""
    ALEInterface.setLoggerMode(LoggerMode.Error)
    combinations = [
        (game, mode, difficulty)
        for game in all_games()
        for mode in game.modes
        for difficulty in game.difficulties
    ]
    for game, mode, difficulty in combinations:
        if len({play(game, mode, difficulty, seed) for seed in SEEDS}) > 1:
            print(f"{game.id} mode {mode} difficulty {difficulty} differs", flush=True)
    print(f"{len(combinations)} combinations of mode and difficulty were measured")


def play(game: Game, mode: int, difficulty: int, seed: int) -> tuple[int, int]:
    """Return hashes of screen and RAM after the boot and after some play."""
    ale = ALEInterface()
    ale.setInt("random_seed", seed)
    ale.setFloat("repeat_action_probability", 0.0)
    ale.loadROM(rom_path(game))
    # Not every default is one that ALE lets us set.
    if mode != game.default_mode:
        ale.setMode(mode)
    if difficulty != game.default_difficulty:
        ale.setDifficulty(difficulty)
    ale.reset_game()
    start = look(ale)
    chance = random.Random(1)
    for _ in range(FRAMES):
        ale.act(chance.randrange(18))
    return start, look(ale)


def look(ale: ALEInterface) -> int:
    """Return a hash of screen and RAM."""
    return zlib.crc32(ale.getScreen().data, zlib.crc32(ale.getRAM().data))


if __name__ == "__main__":
    main()
