"""The tools that describe the games."""

from atari_cli.games import all_games
from tests.server.mcp.conftest import Player


def names(found: dict[str, list[dict[str, object]]]) -> list[object]:
    return [row["game"] for row in found["games"]]


def test_all_games_or_those_that_match_a_search_are_listed(player: Player) -> None:
    assert len(player("list_games")["games"]) == len(all_games()) == 104
    assert names(player("list_games", search="Pac")) == [
        *("ms_pacman", "pacman", "space_invaders", "space_war")
    ]
    assert player.text("list_games", search="freeway") == "freeway: Freeway, 1981, 3 actions"
    assert "No game matches" in player.text("list_games", search="zzz")


def test_games_can_be_filtered_by_number_of_actions(player: Player) -> None:
    found = player("list_games", max_actions=3)
    assert "freeway" in names(found)
    assert max(row["actions"] for row in found["games"]) == 3


def test_a_game_is_described_with_its_actions_and_memory_labels(player: Player) -> None:
    facts = player("game_info", game="ALE/Pong-v5")
    assert facts["actions"] == ["NOOP", "FIRE", "RIGHT", "LEFT", "RIGHTFIRE", "LEFTFIRE"]
    assert "UP" in facts["more_actions"]
    assert (facts["modes"], facts["default_mode"]) == ([0, 1], 0)
    assert "ball_x" in facts["memory"]
    text = player.text("game_info", game="pong")
    assert "RIGHT moves it up" in text
    assert "memory: ball_y" in text
    assert "more with full_action_space: UP, DOWN, " in text
    assert "full_action_space" not in player.text("game_info", game="montezuma_revenge")


def test_every_game_can_be_described(player: Player) -> None:
    for game in all_games():
        facts = player("game_info", game=game.id)
        assert (facts["game"], facts["lives"]) == (game.id, game.lives)
        assert "None" not in player.text("game_info", game=game.id)
