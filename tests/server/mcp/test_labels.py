"""The labels of memory are correct: actions are played, and each label is checked."""

import pytest

from atari_cli.environment import AtariEnvironment
from atari_cli.games import find_game
from atari_cli.server.mcp.changes import regions, standing_out
from atari_cli.server.mcp.labels import HINTS, LABELS, labelled


def watch(game: str, *presses: tuple[str, int]) -> list[dict[str, int]]:
    """Return the labelled values after each press: an action and its number of steps."""
    with AtariEnvironment(game) as environment:
        last = environment.reset(seed=1)
        seen = []
        for action, steps in presses:
            for _ in range(steps):
                last = environment.step(action)
            seen.append(labelled(game, last.observation.ram))
        return seen


def test_every_labelled_game_exists() -> None:
    assert all(find_game(game).id == game for game in (*LABELS, *HINTS))
    assert labelled("adventure", AtariEnvironment("adventure").reset().observation.ram) == {}


def test_in_pong_right_moves_up_and_the_ball_moves() -> None:
    start, up, down, lost = watch("pong", ("NOOP", 20), ("RIGHT", 5), ("LEFT", 8), ("NOOP", 60))
    assert up["player_y"] < start["player_y"] < down["player_y"]
    assert start["ball_x"] != up["ball_x"]
    assert "ball_x" not in watch("pong", ("NOOP", 5))[0]
    assert start["enemy_y"] != up["enemy_y"]
    assert lost["enemy_points"] > lost["player_points"] == 0


def test_in_breakout_fire_serves_and_the_paddle_moves() -> None:
    start, served, right, left = watch(
        "breakout", ("NOOP", 5), ("FIRE", 5), ("RIGHT", 5), ("LEFT", 8)
    )
    assert "ball_x" not in start
    assert "ball_y" not in start
    assert served["ball_y"] < right["ball_y"]
    assert left["paddle_x"] < start["paddle_x"] < right["paddle_x"]
    assert start["bricks_hit"] == 0


def test_in_breakout_hit_bricks_are_counted() -> None:
    with AtariEnvironment("breakout") as environment:
        last = environment.reset(seed=1)
        hits = 0
        while not hits:
            memory = labelled("breakout", last.observation.ram)
            wanted = memory.get("ball_x", 0) - memory["paddle_x"] - 7
            move = "NOOP" if abs(wanted) < 6 else "RIGHT" if wanted > 0 else "LEFT"
            last = environment.step(move if "ball_x" in memory else "FIRE")
            hits += last.reward > 0
        assert labelled("breakout", last.observation.ram)["bricks_hit"] == 1


def test_in_freeway_up_crosses_the_road() -> None:
    start, across, back = watch("freeway", ("NOOP", 5), ("UP", 20), ("DOWN", 10))
    assert start["player_y"] == 187
    assert start["player_y"] > back["player_y"] > across["player_y"]


def test_in_space_invaders_shots_reduce_the_invaders() -> None:
    start, right, left, shot = watch(
        "space_invaders", ("NOOP", 40), ("RIGHT", 20), ("LEFT", 30), ("FIRE", 60)
    )
    assert left["player_x"] <= start["player_x"] < right["player_x"]
    assert start["invaders_left"] == 36 > shot["invaders_left"]


def test_in_ms_pacman_eaten_dots_are_counted() -> None:
    start, left, right, up = watch(
        "ms_pacman", ("NOOP", 70), ("LEFT", 10), ("RIGHT", 20), ("UP", 20)
    )
    assert left["player_x"] < start["player_x"] < right["player_x"]
    assert up["player_y"] < right["player_y"]
    assert start["dots_eaten"] < left["dots_eaten"] < right["dots_eaten"] < up["dots_eaten"]


def test_in_montezuma_revenge_fire_jumps_and_down_climbs_down() -> None:
    start, jumped, down = watch("montezuma_revenge", ("NOOP", 10), ("RIGHTFIRE", 2), ("DOWN", 6))
    assert (start["room"], start["player_x"], start["player_y"]) == (1, 76, 73)
    assert jumped["player_x"] > 76
    assert jumped["player_y"] < 73
    assert down["skull_x"] != start["skull_x"]
    (lower,) = watch("montezuma_revenge", ("DOWN", 9))
    assert lower["player_y"] > 73


def test_in_boxing_both_boxers_are_labelled() -> None:
    start, right, down = watch("boxing", ("NOOP", 5), ("RIGHT", 10), ("DOWN", 10))
    assert start["player_x"] < right["player_x"]
    assert right["player_y"] < down["player_y"]
    assert (start["enemy_x"], start["enemy_y"]) != (down["enemy_x"], down["enemy_y"])


def test_in_seaquest_oxygen_decreases_below_the_surface() -> None:
    start, right, deep, later = watch(
        "seaquest", ("NOOP", 40), ("RIGHT", 10), ("DOWN", 10), ("LEFT", 20)
    )
    assert start["player_x"] < right["player_x"]
    assert (start["player_y"], start["oxygen"], start["divers"]) == (46, 64, 0)
    assert start["player_y"] < deep["player_y"]
    assert later["oxygen"] < 64
    assert later["divers"] == 1


@pytest.mark.parametrize("game", LABELS)
def test_every_byte_has_one_label(game: str) -> None:
    labels = LABELS[game]
    assert len({label.name for label in labels}) == len({label.address for label in labels})
    assert all(0 <= label.address < 128 and label.meaning for label in labels)


@pytest.mark.parametrize(
    ("game", "thing", "colour", "size", "presses"),
    [
        ("boxing", "player", "white", (14, 47), ["NOOP 5", "RIGHT 5", "DOWN 6"]),
        ("boxing", "enemy", "black", (14, 47), ["NOOP 10"]),
        ("breakout", "ball", "red", (2, 4), ["FIRE 4", "NOOP 3", "NOOP 6"]),
        ("breakout", "paddle", "red", (16, 4), ["NOOP 5", "LEFT 1", "RIGHT 1"]),
        ("freeway", "player", "yellow", (6, 8), ["NOOP 5", "UP 12", "DOWN 3"]),
        ("montezuma_revenge", "player", "yellow", (8, 4), ["NOOP 10", "RIGHT 2"]),
        ("montezuma_revenge", "skull", "white", (7, 12), ["NOOP 10", "NOOP 7"]),
        ("ms_pacman", "player", "orange", (7, 10), ["NOOP 70", "LEFT 8", "LEFT 6"]),
        ("pong", "ball", "white", (2, 4), ["NOOP 16", "NOOP 3", "NOOP 4"]),
        ("pong", "player", "green", (4, 16), ["NOOP 30", "RIGHT 3", "LEFT 4"]),
        ("pong", "enemy", "orange", (4, 16), ["NOOP 30", "NOOP 3", "NOOP 4"]),
        ("seaquest", "player", "yellow", (16, 7), ["NOOP 40", "RIGHT 5"]),
        ("space_invaders", "player", "green", (7, 10), ["RIGHT 60", "LEFT 9"]),
    ],
)
def test_positions_are_those_on_the_screen(
    game: str, thing: str, colour: str, size: tuple[int, int], presses: list[str]
) -> None:
    """Within two pixels while it moves: a screen may show the frame before."""
    with AtariEnvironment(game) as environment:
        last = environment.reset(seed=1)
        for press in presses:
            action, steps = press.split()
            for _ in range(int(steps)):
                last = environment.step(action)
            screen, memory = last.observation.indices, labelled(game, last.observation.ram)
            things = regions(standing_out(screen), screen, environment.game.tv, 50)[0]
            alike = [
                item
                for item in things
                if item.colour_word == colour
                and abs(item.width - size[0]) <= 1
                and abs(item.height - size[1]) <= 1
            ]
            axes = [axis for axis in "xy" if f"{thing}_{axis}" in memory]
            assert any(
                all(abs(memory[f"{thing}_{axis}"] - getattr(item, axis)) <= 2 for axis in axes)
                for item in alike
            )
            assert axes
