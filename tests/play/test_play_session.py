import shutil
from pathlib import Path

import numpy as np
import pytest

from atari_cli.actions import FIRE, LEFT, NOOP, RIGHT, UP
from atari_cli.config import PlayConfig
from atari_cli.errors import PolicyFailed
from atari_cli.games import find_game
from atari_cli.play.interface import HELD, Command
from atari_cli.play.play_session import AGENTS_PAUSE, PLAYERS_PAUSE, PlaySession
from atari_cli.play.player_settings import BEHIND_HELP
from atari_cli.play.saved.high_scores import HighScores, Variation
from atari_cli.play.saved.shelf import Shelf
from atari_cli.recording import load_recording, verify
from tests.play.sessions import Game

BREAKOUT = find_game("breakout")


def test_a_tick_plays_one_frame_with_the_held_input(tmp_path: Path) -> None:
    game = Game(tmp_path)
    for code in (NOOP, FIRE, LEFT, RIGHT):
        view = game.tick(code=code)
        assert view.code == code
    assert view.frame == 5
    assert len(view.sounds) == 1
    assert np.array_equal(view.screen, game.run.environment.emulator.screen())


def test_a_step_of_several_frames_is_shown_frame_by_frame(tmp_path: Path) -> None:
    game = Game(tmp_path, "ms_pacman", frameskip=4)
    screens = [game.tick(code=LEFT).screen.tobytes() for _ in range(7)]
    assert game.steps == 2
    assert len(set(screens)) > 3
    assert game.put_away().steps == 2


def test_every_action_of_the_joystick_reaches_the_game(tmp_path: Path) -> None:
    game = Game(tmp_path, "pong")
    for code in range(18):
        game.tick(code=code)
    assert list(game.put_away().arrays["actions"][1:]) == list(range(18))


def test_an_action_that_the_game_does_not_have_is_a_noop(tmp_path: Path) -> None:
    game = Game(tmp_path, "skiing")
    assert [game.tick(code=code).code for code in (FIRE, LEFT, NOOP)] == [NOOP, LEFT, NOOP]
    assert game.put_away().arrays["actions"].tolist() == [NOOP, NOOP, LEFT, NOOP]


def test_a_paused_game_can_be_advanced_frame_by_frame(tmp_path: Path) -> None:
    game = Game(tmp_path)
    game.tick(Command.PAUSE)
    assert game.tick(ticks=5).status == "paused"
    assert game.steps == 1
    assert game.view.tempo == 0.0
    game.tick(Command.ADVANCE, code=FIRE)
    assert (game.steps, game.view.code) == (2, FIRE)
    game.tick(Command.PAUSE)
    assert game.steps == 3


def test_slow_motion_takes_four_ticks_per_frame(tmp_path: Path) -> None:
    game = Game(tmp_path)
    game.tick(Command.SLOW_MOTION)
    game.tick(ticks=39)
    assert game.steps == 1 + 10
    assert (game.view.status, game.view.tempo) == ("slow", 0.25)


def test_fast_forward_plays_while_there_is_time(tmp_path: Path) -> None:
    game = Game(tmp_path)
    left = iter([True] * 99 + [False])
    from atari_cli.play.interface import Inputs

    held = Inputs(held=frozenset({Command.FAST_FORWARD}))
    view = game.session.tick(held, lambda: next(left))
    assert view.frame == 1 + 100
    assert view.status == "fast"
    assert np.array_equal(view.screen, game.run.environment.emulator.screen())
    game.put_away()


def test_losing_the_focus_pauses_a_human_but_not_an_agent(tmp_path: Path) -> None:
    game = Game(tmp_path / "human")
    game.tick(ticks=5, focused=False)
    assert game.steps == 1
    agent = Game(tmp_path / "agent", policy="random")
    agent.tick(ticks=5, focused=False)
    assert agent.steps == 6


def test_rewinding_shows_earlier_frames_and_drops_the_later_ones(tmp_path: Path) -> None:
    game = Game(tmp_path)
    screens = [game.view.screen.copy()]
    for number in range(50):
        screens.append(game.tick(code=RIGHT if number % 3 else FIRE).screen.copy())
    for back in range(1, 21):
        view = game.hold(Command.REWIND)
        assert view.status == "rewind"
        assert np.array_equal(view.screen, screens[-1 - back])
    assert game.tick(code=LEFT).frame == 32
    assert game.put_away().steps == 32


def test_rewinding_ends_at_the_beginning(tmp_path: Path) -> None:
    game = Game(tmp_path)
    game.tick(ticks=10)
    view = game.hold(Command.REWIND, ticks=30)
    assert (view.frame, view.score, view.message) == (0, 0.0, "the beginning")
    game.tick(ticks=3)
    assert game.put_away().steps == 3


def test_loading_a_slot_restores_the_game_and_the_file_still_verifies(tmp_path: Path) -> None:
    game = Game(tmp_path)
    game.wander(100, seed=1)
    screen = game.view.screen.copy()
    assert "saved in slot 0" in game.tick(Command.SAVE, focused=False).message
    game.wander(80, seed=2)
    view = game.tick(Command.LOAD, focused=False)
    assert "loaded slot 0: breakout" in view.message
    assert view.frame == 101
    assert np.array_equal(view.screen, screen)
    game.wander(40, seed=3)
    assert game.put_away().steps == 141
    assert len(game.shelf.played) == 1


def test_loading_a_slot_of_another_branch_restores_that_branch(tmp_path: Path) -> None:
    game = Game(tmp_path)
    game.wander(90, seed=1)
    game.tick(Command.SAVE, focused=False)
    branch = bytes(game.run.live.episode().arrays["actions"])
    game.hold(Command.REWIND, ticks=40)
    game.wander(60, seed=7)
    game.tick(Command.LOAD, focused=False)
    assert bytes(game.put_away().arrays["actions"]) == branch


def game_of_another_day(tmp_path: Path, saved_ticks: int) -> Game:
    """Return a new game whose slot has a game that an earlier program saved after some ticks."""
    first = Game(tmp_path)
    first.wander(saved_ticks, seed=1)
    first.tick(Command.SAVE, focused=False)
    first.put_away()
    second = Game(tmp_path)
    second.run.live.header["created"] = "2000-01-01T00:00:00+00:00"
    return second


def test_a_slot_of_an_earlier_program_can_be_loaded_and_the_current_game_is_kept(
    tmp_path: Path,
) -> None:
    second = game_of_another_day(tmp_path, saved_ticks=60)
    second.wander(30, seed=2)
    second.tick(Command.LOAD, focused=False)
    assert second.view.frame == 61
    second.wander(10, seed=3)
    assert second.put_away().steps == 71
    assert [played.frames for played in second.shelf.played] == [31, 71]


def test_a_slot_in_a_folder_that_is_deleted_at_the_end_is_said_to_be(tmp_path: Path) -> None:
    game = Game(tmp_path)
    game.shelf.is_kept = False
    game.tick(ticks=5)
    assert game.tick(Command.SAVE).message.startswith("saved in slot 0, until you leave: ")


def test_saving_while_a_slot_is_still_loading_keeps_the_slot(tmp_path: Path) -> None:
    second = game_of_another_day(tmp_path, saved_ticks=250)
    second.tick(Command.LOAD)
    assert second.steps < 251
    second.tick(Command.SAVE)
    assert second.shelf.slots.load(0, second.run.environment.config).steps == 251
    second.tick(ticks=10)
    assert second.view.message.startswith("loaded slot 0")


def test_loading_a_slot_repeatedly_makes_one_file(tmp_path: Path) -> None:
    game = Game(tmp_path)
    game.run.live.header["created"] = "2000-01-01T00:00:00+00:00"
    game.wander(20)
    game.tick(Command.SAVE, focused=False)
    for seed in range(3):
        game.wander(10, seed)
        game.tick(Command.LOAD, focused=False)
    assert game.put_away().steps == 21
    assert len(game.shelf.played) == 1


def test_loading_an_empty_slot_says_so_and_the_game_continues(tmp_path: Path) -> None:
    game = Game(tmp_path)
    game.tick(Command.PREVIOUS_SLOT)
    assert "slot 9 of breakout is empty" in game.tick(Command.LOAD).message
    game.tick(ticks=5)
    assert game.put_away().steps == 8


def test_help_pauses_the_game_and_leave_closes_the_help_first(tmp_path: Path) -> None:
    game = Game(tmp_path)
    game.tick(Command.HELP)
    assert game.tick(ticks=5, code=FIRE).help
    assert game.steps == 1
    game.tick(Command.LEAVE)
    assert not game.session.has_ended
    game.tick(Command.LEAVE)
    assert game.session.has_ended


def test_behind_the_help_no_key_changes_the_game(tmp_path: Path) -> None:
    game = Game(tmp_path)
    game.wander(60)
    game.tick(Command.SAVE)
    game.wander(20)
    game.session.settings.say("")
    before = game.tick(Command.HELP)
    slots = {path: path.read_bytes() for path in tmp_path.rglob("*.npz")}
    for command in set(Command) - BEHIND_HELP - HELD:
        view = game.tick(command, code=LEFT, touched=True)
        assert (view.frame, view.help, view.message) == (before.frame, True, "")
    for command in HELD:
        assert game.hold(command, ticks=5).frame == before.frame
    assert {path: path.read_bytes() for path in tmp_path.rglob("*.npz")} == slots
    view = game.tick(Command.MUTE)
    assert (view.help, view.muted) == (True, not before.muted)
    view = game.tick(Command.HELP)
    assert (view.frame, view.slot, view.hud) == (before.frame + 1, before.slot, before.hud)
    assert view.status == "", "neither paused nor slow"
    game.put_away()


def test_behind_the_help_an_agent_is_not_taken_over(tmp_path: Path) -> None:
    game = Game(tmp_path, policy="repeat:FIRE")
    game.tick(Command.HELP, code=LEFT, touched=True)
    assert game.tick(Command.HELP).pilot == "repeat:FIRE"


def test_step_mode_waits_for_a_new_press_at_each_decision(tmp_path: Path) -> None:
    game = Game(tmp_path, "ms_pacman", step=True, frameskip=4)
    assert game.steps == 0
    assert game.tick(ticks=20, code=LEFT).status == "step"
    assert game.steps == 0
    game.tick(code=LEFT, touched=True, ticks=10)
    assert (game.steps, game.view.frame) == (1, 4)
    game.tick(code=UP, touched=True, ticks=10)
    game.tick(Command.ADVANCE, ticks=10)
    assert list(game.put_away().arrays["actions"]) == [LEFT, UP, NOOP]


def test_in_step_mode_advance_plays_a_noop_without_pausing(tmp_path: Path) -> None:
    game = Game(tmp_path, "ms_pacman", step=True, frameskip=4)
    game.tick(Command.ADVANCE, code=UP)
    assert game.tick(code=UP, ticks=9).status == "step"
    assert (game.steps, game.view.frame) == (1, 4)
    game.tick(code=LEFT, touched=True, ticks=10)
    assert list(game.put_away().arrays["actions"]) == [NOOP, LEFT]


def test_in_step_mode_advance_plays_one_frame_while_paused(tmp_path: Path) -> None:
    game = Game(tmp_path, "ms_pacman", step=True, frameskip=4)
    game.tick(Command.PAUSE)
    assert game.tick(Command.ADVANCE, ticks=5).status == "paused"
    assert (game.steps, game.view.frame) == (1, 1)


def test_a_touch_takes_over_from_the_agent_and_take_over_hands_back(tmp_path: Path) -> None:
    game = Game(tmp_path, policy="repeat:FIRE")
    assert game.tick(ticks=4).pilot == "repeat:FIRE"
    view = game.tick(code=LEFT, touched=True, ticks=3)
    assert (view.pilot, view.human, view.code) == ("human", True, LEFT)
    view = game.tick(Command.TAKE_OVER)
    assert (view.pilot, view.human, view.code) == ("repeat:FIRE", False, FIRE)
    recording = game.put_away()
    assert list(recording.arrays["actors"]) == [0] * 5 + [1] * 3 + [0]
    assert recording.header["policy"] == "human, repeat:FIRE"
    assert game.shelf.played[0].player == "human, repeat:FIRE"


def test_the_header_names_only_the_actors_that_played(tmp_path: Path) -> None:
    game = Game(tmp_path, policy="random")
    game.tick(ticks=9)
    assert game.put_away().header["policy"] == "random"


def test_taking_over_without_an_agent_explains_how_to_get_one(tmp_path: Path) -> None:
    assert "--policy" in Game(tmp_path).tick(Command.TAKE_OVER).message


def test_an_agent_plays_with_its_own_action_set(tmp_path: Path) -> None:
    game = Game(tmp_path, "pong", policy="random")
    game.tick(ticks=200)
    assert set(game.put_away().arrays["actions"].tolist()) == {0, 1, 3, 4, 11, 12}


def test_an_agent_plays_the_games_of_its_rollout(tmp_path: Path) -> None:
    from atari_cli.environment import AtariEnvironment
    from atari_cli.policies import find_policy
    from atari_cli.rollout import run_episode

    game = Game(tmp_path, policy="random", frameskip=4, max_frames=400, games=2)
    while not game.session.has_ended:
        game.tick()
    game.session.close()
    environment = AtariEnvironment("breakout", frameskip=4, max_frames=400)
    policy = find_policy("random", "breakout").load()
    episodes = [run_episode(environment, policy, episode=episode) for episode in range(2)]
    scores = [(episode.score, episode.frames) for episode in episodes]
    assert [(played.score, played.frames) for played in game.shelf.played] == scores


def test_a_failing_agent_ends_the_session_with_a_complete_file(tmp_path: Path) -> None:
    source = tmp_path / "fails.py"
    source.write_text(
        "left = iter(['FIRE'] * 5)\ndef policy(observation):\n    return next(left, 'DOWN')\n",
        "utf-8",
    )
    game = Game(tmp_path, policy=str(source))
    with pytest.raises(PolicyFailed, match="DOWN is not in this action set"):
        game.tick(ticks=10)
    assert game.put_away().arrays["actions"].tolist() == [FIRE] * 5


def test_the_session_ends_after_its_last_game(tmp_path: Path) -> None:
    game = Game(tmp_path, max_frames=40, games=1)
    game.tick(ticks=60)
    assert game.session.has_ended
    assert game.put_away().header["totals"]["truncated"]


def test_fire_starts_the_next_game_after_a_pause(tmp_path: Path) -> None:
    game = Game(tmp_path, max_frames=40)
    view = game.tick(ticks=45)
    assert view.status == "game over"
    assert view.panel == [("FRAME LIMIT REACHED",), ("",), ("FIRE or F2 starts a new game",)], (
        "there are no scores yet"
    )
    game.tick(code=FIRE, touched=True)
    assert game.tick().status == "game over", "too early: FIRE is still pressed from the play"
    game.tick(ticks=PLAYERS_PAUSE)
    view = game.tick(code=FIRE, touched=True)
    assert (view.frame, view.status, view.panel) == (0, "", ())
    game.tick(ticks=3)
    game.put_away()
    assert [played.frames for played in game.shelf.played] == [40, 3]


def test_a_finished_game_is_shown_in_the_ranking_and_entered_when_it_is_closed(
    tmp_path: Path,
) -> None:
    game = Game(tmp_path, "breakout", policy="repeat:FIRE")
    while game.view.status != "game over":
        game.hold(Command.FAST_FORWARD)
    assert game.view.panel[0] == ("GAME OVER",)
    assert [row[:2] for row in game.view.panel if row[0] == ">"] == [(">", "1")]
    board = HighScores(tmp_path / "data")
    assert not board.all()
    score = game.put_away().header["totals"]["score"]
    assert [entry.score for entry in board.best(Variation("breakout", 0, 0))] == [score]


def test_an_agent_starts_its_next_game_automatically(tmp_path: Path) -> None:
    game = Game(tmp_path, policy="noop", max_frames=20)
    game.tick(ticks=20 + AGENTS_PAUSE + 10)
    assert game.run.number == 1


def test_a_finished_game_can_be_rewound_and_counts_once(tmp_path: Path) -> None:
    game = Game(tmp_path, max_frames=40)
    game.tick(ticks=45)
    assert "over" in game.tick(Command.SAVE).message
    view = game.hold(Command.REWIND, ticks=10)
    assert (view.frame, view.status, view.panel) == (30, "rewind", ())
    game.tick(ticks=15)
    assert game.view.status == "game over"
    assert game.put_away().header["totals"]["frames"] == 40
    assert len(game.shelf.played) == 1


def test_a_new_game_writes_the_last_one_to_its_file(tmp_path: Path) -> None:
    game = Game(tmp_path)
    game.tick(ticks=9)
    message = game.tick(Command.NEW_GAME).message
    first = tmp_path / "breakout-human-s0-000.npz"
    assert message == f"wrote {first}"
    assert first.exists()
    game.tick(ticks=5)
    assert game.put_away().path == tmp_path / "breakout-human-s0-001.npz"


def test_a_screenshot_is_the_enlarged_frame(tmp_path: Path) -> None:
    import imageio.v3 as iio

    game = Game(tmp_path)
    game.wander(30)
    message = game.tick(Command.SCREENSHOT, focused=False).message
    file = Path(message.removeprefix("wrote "))
    expected = game.run.environment.emulator.screen_rgb().repeat(4, axis=0).repeat(4, axis=1)
    assert np.array_equal(iio.imread(file), expected)


def test_the_paddle_follows_the_mouse(tmp_path: Path) -> None:
    game = Game(tmp_path, "breakout")
    game.tick(paddle=0.1, ticks=20)
    left = int(game.run.environment.emulator.ram()[72])
    game.tick(paddle=0.9, ticks=20)
    assert int(game.run.environment.emulator.ram()[72]) > left + 50
    recording = game.put_away()
    assert recording.arrays["strengths"].max() > 1.0


def test_a_full_disk_is_reported_once_and_the_game_continues(tmp_path: Path) -> None:
    game = Game(tmp_path)
    game.tick(ticks=3)
    game.run.live.failure = "cannot write: no space left"
    view = game.tick()
    assert view.message == "cannot write: no space left"
    assert not view.recording
    game.tick(Command.MUTE)
    assert game.tick(ticks=5).message == "sound off"
    assert game.steps == 11


def test_a_new_game_beyond_the_number_of_games_ends_the_session(tmp_path: Path) -> None:
    game = Game(tmp_path, games=1)
    game.tick(ticks=9)
    game.tick(Command.NEW_GAME)
    assert game.session.has_ended
    game.session.close()
    assert [played.frames for played in game.shelf.played] == [10]
    assert [path.name for path in tmp_path.glob("*.*")] == ["breakout-human-s0-000.npz"]


def test_in_step_mode_a_press_also_decides_in_slow_motion(tmp_path: Path) -> None:
    game = Game(tmp_path, step=True)
    game.tick(Command.SLOW_MOTION)
    for steps in range(1, 9):
        game.tick(code=LEFT, touched=True)
        assert game.steps == steps


def test_in_step_mode_fast_forward_decides_nothing(tmp_path: Path) -> None:
    from atari_cli.play.interface import Inputs

    game = Game(tmp_path, step=True, frameskip=4)
    inputs = Inputs(held=frozenset({Command.FAST_FORWARD}), code=LEFT, touched=True)
    for _ in range(3):
        left = iter([True] * 100 + [False])
        game.session.tick(inputs, lambda left=left: next(left))  # type: ignore[misc]
        inputs = Inputs(held=inputs.held, code=LEFT)
    assert game.steps == 1


class Blocked:
    """A folder of recordings that is replaced by a file until it is freed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        shutil.rmtree(folder)
        folder.touch()

    def free(self) -> None:
        self.folder.unlink()


@pytest.mark.posix("deletes a file that is open")
@pytest.mark.parametrize("command", [Command.NEW_GAME, Command.LOAD])
def test_a_game_that_cannot_be_written_is_not_replaced_by_another(
    tmp_path: Path, command: Command
) -> None:
    other = Game(tmp_path / "other")
    other.session = PlaySession(other.run, PlayConfig(out=tmp_path), Shelf(tmp_path, BREAKOUT))
    other.run.live.header["created"] = "2000-01-01T00:00:00+00:00"
    other.tick(Command.SAVE)
    game = Game(tmp_path / "out")
    game.session = PlaySession(game.run, PlayConfig(out=tmp_path), Shelf(tmp_path, BREAKOUT))
    game.wander(20)
    blocked = Blocked(tmp_path / "out")
    assert "cannot write" in game.tick(command).message
    assert game.steps == 22
    game.tick(ticks=3)
    blocked.free()
    game.tick(command)
    (file,) = (tmp_path / "out").glob("*.npz")
    assert load_recording(file).steps == 25
    verify(load_recording(file))


def test_a_next_game_that_cannot_be_recorded_is_played_and_reported(tmp_path: Path) -> None:
    game = Game(tmp_path / "out")
    game.tick(ticks=5)
    game.run.finish()
    Blocked(tmp_path / "out")
    view = game.tick(Command.NEW_GAME)
    assert "this game is not recorded" in view.message
    assert not view.recording
    game.tick(ticks=5)
    game.session.close()
    assert [played.frames for played in game.shelf.played] == [6, 6]
    assert "not recorded" in game.shelf.played[1].failure


@pytest.mark.posix("deletes a file that is open")
def test_an_agent_waits_until_its_game_can_be_written(tmp_path: Path) -> None:
    game = Game(tmp_path / "out", policy="noop", max_frames=20)
    game.tick(ticks=25)
    blocked = Blocked(tmp_path / "out")
    assert "cannot write" in game.tick(ticks=AGENTS_PAUSE).message
    assert (game.run.number, game.view.status) == (0, "game over")
    blocked.free()
    game.tick(ticks=AGENTS_PAUSE + 1)
    assert game.run.number == 1
    assert game.put_away().steps > 0


def test_a_game_that_ends_again_after_a_rewind_counts_once(tmp_path: Path) -> None:
    game = Game(tmp_path, frameskip=20)
    for _ in range(2):
        while game.view.status != "game over":
            game.tick(code=FIRE)
        game.hold(Command.REWIND, ticks=3)
    while game.view.status != "game over":
        game.tick(code=FIRE)
    game.put_away()
    assert len(game.shelf.played) == 1
    assert len(HighScores(tmp_path / "data").best(Variation("breakout", 0, 0))) == 1


def test_a_game_can_be_saved_before_its_first_step(tmp_path: Path) -> None:
    game = Game(tmp_path, step=True)
    game.tick(Command.SAVE)
    game.tick(code=LEFT, touched=True)
    assert game.tick(Command.LOAD).frame == 0
