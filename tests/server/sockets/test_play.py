"""A page plays: the server paces the game, and each frame is that of an environment."""

from socket import SHUT_RDWR
from time import monotonic

import numpy as np
import pytest

from atari_cli import AtariEnvironment
from atari_cli.actions import FIRE, NOOP, RIGHT
from atari_cli.server.sessions.phases import Phase
from tests.server.conftest import Start, Ways, until
from tests.server.page import Page


@pytest.mark.parametrize("game", ["pong", "ms_pacman"])
def test_the_screens_are_those_of_an_environment(ways: Ways, game: str) -> None:
    page, here = Page(ways), AtariEnvironment(game, frameskip=1, full_action_space=True)
    result, frame = here.reset(seed=3), 0
    page.play(game=game, seed=3)
    for _ in range(20):
        data = page.await_message("screen")
        while frame < data["frame"]:
            result, frame = here.step(0), frame + 1
        shown = (result.observation.indices.reshape(-1), result.observation.ram)
        assert np.array_equal(page.shown, np.concatenate(shown))
        assert (data["lives"], data["sound"]) == (result.observation.lives, 512)
    assert (page.episode["game_name"], page.episode["seed"]) == (game, 3)
    assert page.episode["session_id"] == page.told["session_id"]


@pytest.mark.parametrize("spelling", ["Breakout", "ALE/Breakout-v5", "BREAKOUT"])
def test_a_game_may_be_spelled_in_any_way(ways: Ways, spelling: str) -> None:
    page = Page(ways)
    page.play(game=spelling, paused=True)
    page.await_message("screen")
    assert page.episode["game_name"] == "breakout"


def test_the_reply_precedes_unrequested_messages(ways: Ways) -> None:
    page = Page(ways)
    page.say("play", game="pong")
    kinds = [page.take()[0] for _ in range(4)]
    assert kinds == ["playing", "episode", "screen", "screen"]


def test_a_game_runs_at_the_speed_of_the_console(ways: Ways) -> None:
    page = Page(ways)
    page.play(game="pong")
    first, began = page.await_screen(10)["frame"], monotonic()
    last = page.await_screen(first + 30)["frame"]
    # On a machine with much to do, frames may be left out, but none is ever too early.
    assert monotonic() - began > 0.8 * (last - first) / 60


def test_held_input_is_played(ways: Ways) -> None:
    page = Page(ways)
    page.play(game="breakout", seed=1)
    page.say("input", code=FIRE)
    while page.await_message("screen")["action"] != FIRE:
        pass
    page.say("input", code=NOOP, paddle=1.0)
    while page.await_message("screen")["action"] != RIGHT:
        pass
    assert page.await_message("screen")["action"] in (NOOP, RIGHT)


def test_time_stops_during_a_pause_and_steps_can_be_played_by_hand(ways: Ways) -> None:
    page = Page(ways)
    assert page.play(game="pong", paused=True)["paused"]
    assert page.await_message("screen")["frame"] == 0
    for frame in (1, 2, 3):
        page.say("step", action_id=0)
        assert page.await_message("screen")["frame"] == frame
    page.say("pace", paused=False)
    assert page.await_screen(5)


def test_a_faster_game_skips_some_of_its_frames(ways: Ways) -> None:
    page = Page(ways)
    page.play(game="pong", speed=4.0)
    frames = [page.await_message("screen")["frame"] for _ in range(10)]
    assert min(np.diff(frames[1:])) >= 4


def test_a_reset_or_another_game_starts_a_new_episode(ways: Ways) -> None:
    page = Page(ways)
    page.play(game="pong")
    page.await_screen(3)
    page.say("reset", seed=9)
    assert page.await_message("episode")["seed"] == 9
    assert page.await_message("screen")["key"]
    page.play(game="air_raid")
    page.await_message("episode")
    assert (page.episode["game_name"], page.episode["height"]) == ("air_raid", 250)
    assert page.await_message("screen")["key"]
    assert len(page.shown) == 250 * 160 + 128
    assert page.episode["number"] == 3


def test_a_finished_game_stops_until_the_next_begins(ways: Ways) -> None:
    page = Page(ways)
    page.play(game="pong", max_frames=10)
    data = page.await_screen(10)
    assert (data["frame"], data["truncated"], data["terminated"]) == (10, True, False)
    page.say("reset", max_frames=12)
    assert page.await_screen(12)["truncated"]


@pytest.mark.parametrize(
    ("kind", "data", "code"),
    [
        ("input", {"code": 18}, "VALIDATION_ERROR"),
        ("input", {"code": 0, "paddle": 1.1}, "VALIDATION_ERROR"),
        ("input", {}, "VALIDATION_ERROR"),
        ("input", {"code": 1, "more": 1}, "VALIDATION_ERROR"),
        ("pace", {"speed": 0.1}, "VALIDATION_ERROR"),
        ("seen", {"number": -1}, "VALIDATION_ERROR"),
        ("play", {"speed": 9}, "VALIDATION_ERROR"),
        ("play", {"game": "no such"}, "EXECUTION_ERROR"),
        ("play", {"resume": True, "game": "pong"}, "EXECUTION_ERROR"),
        ("watch", {"key": "k"}, "UNKNOWN_TYPE"),
    ],
)
def test_an_invalid_message_is_an_error_and_the_game_continues(
    ways: Ways, kind: str, data: dict[str, object], code: str
) -> None:
    page = Page(ways)
    page.play(game="pong")
    assert page.ask(kind, "error", **data)["code"] == code
    assert page.await_message("screen")


def test_a_seed_may_be_text_which_is_exact_in_every_language(ways: Ways) -> None:
    page = Page(ways)
    page.play(seed=str(2**60 + 1))
    page.await_screen()
    assert page.episode["seed"] == 2**60 + 1
    for wrong in ("1" * 20, "-1", "1.5", ""):
        assert "seed" in page.ask("play", "error", seed=wrong)["message"]


def test_a_resumed_game_continues_as_the_page_wants_it(ways: Ways) -> None:
    page = Page(ways)
    session = page.play(speed=2.0)["session_id"]
    page.socket.socket.close()
    again = Page(ways, f"/ws?session_id={session}")
    told = again.play(resume=True, paused=True, speed=0.5)
    assert (told["paused"], told["speed"]) == (True, 0.5)


def test_input_and_resume_are_refused_before_the_first_game(ways: Ways) -> None:
    page = Page(ways)
    assert "send `play` first" in page.ask("input", "error", code=1)["message"]
    assert "send `play` first" in page.ask("pace", "error", paused=True)["message"]
    assert "nothing to resume" in page.ask("play", "error", resume=True)["message"]
    page.say("seen", number=4)
    assert page.ask("state", "state")["episode_id"] is None


def test_the_game_of_a_lost_connection_can_be_resumed_by_another(ways: Ways) -> None:
    page = Page(ways)
    told = page.play(game="pong", seed=4)
    page.await_screen(5)
    page.socket.socket.close()
    (session,) = ways.server.sessions.all()
    assert until(lambda: session.phase is Phase.LOST)
    frame = session.read(lambda view: view.result.observation.frame_number)
    back = Page(ways, f"/ws?session_id={told['session_id']}")
    assert back.play(resume=True)["session_id"] == told["session_id"]
    assert back.await_message("screen")["frame"] >= frame
    assert back.episode["seed"] == 4
    assert session.phase is Phase.ATTACHED


def test_a_game_that_was_paused_before_its_connection_was_lost_stays_paused(ways: Ways) -> None:
    page = Page(ways)
    told = page.play(game="pong")
    page.say("pace", paused=True, speed=0.5)
    page.ask("state", "state")
    page.socket.socket.shutdown(SHUT_RDWR)
    back = Page(ways, f"/ws?session_id={told['session_id']}")
    told = back.play(resume=True)
    assert (told["paused"], told["speed"]) == (True, 0.5)
    frame = back.await_message("screen")["frame"]
    back.say("step", action_id=0)
    assert back.await_message("screen")["frame"] == frame + 1
    assert back.play(resume=True, paused=False, speed=2.0)["speed"] == 2.0


def test_a_page_with_a_game_that_nobody_plays_is_warned_and_then_closed(start: Start) -> None:
    ways = start(idle_timeout=600.0)
    page = Page(ways)
    page.play(game="pong")
    page.await_screen(8)  # what it has seen it reports, which does not count
    (session,) = ways.server.sessions.all()
    ways.server.sessions.reap(session.last_used + 530)
    ways.server.sessions.reap(session.last_used + 545)
    assert page.await_message("idle") == {"seconds": 55}
    page.say("input", code=0)
    page.ask("state", "state")
    used = session.last_used
    page.ask("ping", "pong")
    assert session.last_used == used
    ways.server.sessions.reap(session.last_used + 590)
    assert page.await_message("idle") == {"seconds": 10}

    def is_reaped() -> bool:
        ways.server.sessions.reap(session.last_used + 601)
        return not len(ways.server.sessions)

    assert until(is_reaped)
    assert page.closed() == 1000


def test_a_session_can_be_taken_over_from_another_connection(ways: Ways) -> None:
    first = Page(ways)
    told = first.play(game="pong")
    second = Page(ways, f"/ws?session_id={told['session_id']}")
    second.play(resume=True)
    assert second.await_screen(3)
    assert first.closed() == 4001
    second.say("close")
    assert second.closed() == 1000
    assert len(ways.server.sessions) == 0


def test_a_lost_game_cannot_be_resumed_after_a_minute(ways: Ways) -> None:
    page = Page(ways)
    page.play(game="pong")
    page.socket.socket.close()
    (session,) = ways.server.sessions.all()
    assert until(lambda: session.phase is Phase.LOST)
    ways.server.sessions.reap(monotonic())
    assert len(ways.server.sessions) == 1

    def is_reaped() -> bool:
        ways.server.sessions.reap(monotonic() + 61)
        return len(ways.server.sessions) == 0

    assert until(is_reaped)  # its last step may still be played


def test_the_end_of_a_session_closes_its_page(ways: Ways) -> None:
    page = Page(ways)
    told = page.play(game="pong")
    ways.ask("DELETE", f"/sessions/{told['session_id']}")
    assert page.closed() == 1000


def test_many_pages_leave_no_session_behind(start: Start) -> None:
    ways = start(max_sessions=4)
    for _ in range(3):
        pages = [Page(ways) for _ in range(4)]
        for page in pages:
            page.play(game="pong")
        for page in pages:
            page.await_screen(2)
            page.say("close")
            page.closed()
    assert until(lambda: len(ways.server.sessions) == 0)
