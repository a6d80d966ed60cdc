"""A misspelt name in these lists would silently switch a protection off."""

from atari_cli.emulator.quirks import SEEDED_MODES, STATE_INCOMPLETE, WITHOUT_KEYFRAMES
from atari_cli.games import all_games, find_game


def test_the_games_exist() -> None:
    assert {game.id for game in all_games()} >= STATE_INCOMPLETE
    assert STATE_INCOMPLETE >= WITHOUT_KEYFRAMES


def test_the_modes_exist() -> None:
    for name, modes in SEEDED_MODES.items():
        assert set(find_game(name).modes) >= set(modes)
