"""The time to start an exact episode, relative to loading the ROM, which is exact too."""

from atari_cli.emulator import Emulator
from atari_cli.games import find_game
from benchmarks.episodes import games
from benchmarks.peers import loaded, rom
from benchmarks.report import Row
from benchmarks.timing import Effort, ratio, seconds, side_by_side

_FRAMES = 100


def over_load(effort: Effort) -> list[Row]:
    return [_game_over_load(game, effort) for game in games(effort)]


def _game_over_load(game: str, effort: Effort) -> Row:
    emulator, ale = Emulator(find_game(game)), loaded(game)

    def boot() -> float:
        for _ in range(_FRAMES):
            emulator.act(0)
        return seconds(emulator.boot)

    def load_rom() -> float:
        for _ in range(_FRAMES):
            ale.act(0)
        return seconds(lambda: ale.loadROM(rom(game)))

    figures = side_by_side({"loadROM": load_rom, "boot": boot}, 4 * effort.repeats)
    value = ratio(figures, "loadROM", "boot")
    milliseconds = {name: [1000 * time for time in times] for name, times in figures.items()}
    return Row(f"start of an episode over loadROM, {game}", value, 15, milliseconds, "ms")
