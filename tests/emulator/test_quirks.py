"""The listed games and modes exist; a misspelt one would silently disable a protection."""

from atari_cli.emulator.quirks import SEEDED_MODES, STATE_INCOMPLETE, WITHOUT_KEYFRAMES
from atari_cli.games import all_games, find_game


def test_the_listed_games_exist() -> None:
    assert {game.id for game in all_games()} >= STATE_INCOMPLETE
    assert STATE_INCOMPLETE >= WITHOUT_KEYFRAMES


def test_the_listed_modes_exist() -> None:
    for name, modes in SEEDED_MODES.items():
        assert set(find_game(name).modes) >= set(modes)
