"""A session is one client's game; the register limits the number of sessions."""

import re
from threading import Barrier, Thread
from time import monotonic
from typing import Any

import numpy as np
import pytest

from atari_cli import AtariEnvironment
from atari_cli.config import EnvironmentConfig
from atari_cli.errors import (
    CapacityReached,
    EmulatorError,
    InvalidAction,
    InvalidSetting,
    ResetNeeded,
    UnknownSession,
)
from atari_cli.model import AtariState, StepResult
from atari_cli.server.sessions import register as register_module
from atari_cli.server.sessions.metrics import Metrics
from atari_cli.server.sessions.phases import Phase
from atari_cli.server.sessions.register import Sessions
from atari_cli.server.sessions.session import Session
from atari_cli.server.sessions.view import EpisodeView
from tests.server.conftest import Start, say


def told(result: StepResult, state: AtariState) -> tuple[StepResult, AtariState]:
    return result, state


def seen(view: EpisodeView) -> tuple[StepResult, AtariState]:
    return view.result, view.state


def register(most: int = 8, idle_timeout: float = 60.0, **settings: Any) -> Sessions:
    return Sessions(EnvironmentConfig(**settings), most, idle_timeout, 30.0, Metrics())


def counted(metrics: Metrics, name: str) -> float:
    """Return the figure with a name; of labels it may have only `reason`."""
    (figure,) = re.findall(rf'^{name}(?:{{reason="\w+"}})? ([\d.]+)$', metrics.text(), re.M)
    return float(figure)


def test_a_session_plays_like_an_environment() -> None:
    session, environment = register(game="breakout").open(), AtariEnvironment("breakout")
    result, state = session.reset(told, seed=4, episode_id="me")
    expected = environment.reset(seed=4)
    assert (state.episode_id, state.seed, state.game_name) == ("me", 4, "breakout")
    for action in (1, 2, 3) * 10:
        assert np.array_equal(result.observation.pixels, expected.observation.pixels)
        result, _ = session.step(told, action)
        expected = environment.step(action)
    assert session.state().step_count == 30


def test_a_step_before_the_first_reset_begins_an_episode() -> None:
    session = register().open()
    result, _ = session.step(told, 0)
    assert (session.state().step_count, result.observation.episode_frame_number) == (1, 4)


def test_a_step_after_the_end_repeats_the_last_result_without_reward() -> None:
    session = register(max_frames=4).open()
    last, _ = session.step(told, 0)
    again, _ = session.step(told, 0)
    assert last.truncated
    assert again.truncated
    assert again.reward == 0.0
    assert session.state().step_count == 1
    assert np.array_equal(again.observation.pixels, last.observation.pixels)


def test_an_invalid_request_leaves_the_session_unchanged() -> None:
    session = register().open()
    session.reset(told, seed=1)
    session.step(told, 2)
    with pytest.raises(InvalidSetting):
        session.reset(told, settings={"mode": 77})
    with pytest.raises(InvalidAction):
        session.step(told, 6)
    with pytest.raises(InvalidAction):
        session.step_many(told, [0, 0, 6])
    state = session.state()
    assert (state.seed, state.step_count, state.mode) == (1, 1, None)


def test_step_many_ends_with_the_episode() -> None:
    session = register(max_frames=12).open()
    replies = session.step_many(told, [0] * 9)
    assert [result.done for result, _ in replies] == [False, False, True]
    assert len(session.step_many(told, [0] * 9)) == 1


def test_reading_before_the_first_episode_is_an_error() -> None:
    session = register().open()
    with pytest.raises(ResetNeeded):
        session.read(seen)
    session.reset(told)
    assert session.read(seen)[0].reward == 0.0


def test_concurrent_requests_are_served_one_after_another() -> None:
    session = register().open()
    session.reset(told, seed=1)
    counts: list[int] = []
    together = Barrier(4)

    def play() -> None:
        together.wait()
        for _ in range(25):
            counts.append(session.step(told, 0)[0].observation.frame_number // 4)

    threads = [Thread(target=play) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(counts) == list(range(1, 101))


def test_a_failing_emulator_does_not_affect_other_sessions(monkeypatch: pytest.MonkeyPatch) -> None:
    sessions = register()
    broken, healthy = sessions.open(), sessions.open()
    broken.reset(told)
    healthy.reset(told)

    def fail(*given: object) -> int:
        raise EmulatorError("the cartridge fell out")

    assert broken._environment
    monkeypatch.setattr(broken._environment.emulator, "act", fail)
    with pytest.raises(EmulatorError):
        broken.step(told, 0)
    healthy.step(told, 0)
    assert healthy.state().step_count == 1
    sessions.close(broken)
    assert len(sessions) == 1


def test_a_busy_session_is_not_idle() -> None:
    sessions = register(idle_timeout=5.0)
    session = sessions.open()

    def reap(result: StepResult, state: AtariState) -> None:
        sessions.reap(monotonic() + 6)

    session.reset(reap)
    sessions.reap(monotonic())
    assert sessions.all() == [session]


def test_a_closed_session_is_unknown() -> None:
    sessions = register()
    session = sessions.open()
    assert sessions.get(session.id) is session
    sessions.close(session)
    sessions.close(session)
    with pytest.raises(UnknownSession):
        sessions.get(session.id)
    with pytest.raises(UnknownSession):
        session.step(told, 0)


def test_a_full_register_refuses_sessions_and_counts_the_refusals() -> None:
    metrics = Metrics()
    sessions = Sessions(EnvironmentConfig(), 2, 60.0, 30.0, metrics)
    first = sessions.open()
    sessions.default("somebody")
    for _ in range(3):
        with pytest.raises(CapacityReached, match="2/2 sessions active"):
            sessions.open()
    assert counted(metrics, "atari_session_rejections_total") == 3
    sessions.close(first)
    sessions.open()


def test_each_owner_has_one_default_session() -> None:
    sessions = register()
    assert sessions.default("me") is sessions.default("me")
    assert sessions.default("me") is not sessions.default("you")
    assert sessions.open() is not sessions.default("me")


def test_the_settings_of_a_new_session_are_checked_at_once() -> None:
    sessions = register()
    for wrong in ({"game": "pongg"}, {"mode": 77}, {"difficulty": 9}, {"frameskip": 0}):
        with pytest.raises(InvalidSetting):
            sessions.open(wrong)
    assert len(sessions) == 0
    assert sessions.open({"game": "MsPacman"}).state().game_name == "ms_pacman"


@pytest.mark.parametrize("wrong", [{"game": "pongg"}, {"mode": 77}, {"difficulty": 9}])
def test_invalid_defaults_are_refused_before_the_first_session(wrong: dict[str, Any]) -> None:
    with pytest.raises(InvalidSetting):
        register(**wrong)


def test_an_idle_session_is_ended_and_frees_its_place() -> None:
    metrics = Metrics()
    sessions = Sessions(EnvironmentConfig(), 1, 1e-9, 30.0, metrics)
    session = sessions.open()
    session.state()
    sessions.reap(monotonic() + 1)
    assert len(sessions) == 0
    assert counted(metrics, "atari_sessions_reaped_total") == 1
    with pytest.raises(UnknownSession, match="idle"):
        session.state()
    sessions.open()


def test_a_used_session_is_not_idle() -> None:
    sessions = register(idle_timeout=60.0)
    sessions.open().reset(told)
    sessions.reap(monotonic())
    assert len(sessions) == 1


def test_reading_a_session_does_not_change_its_phase() -> None:
    session = register().open()
    session.state()
    assert (session.phase, session.was_used) == (Phase.NEW, False)
    session.reset(told)
    session.lose()
    session.state()
    session.read(seen)
    assert session.phase is Phase.LOST


def test_the_next_session_of_a_game_reuses_the_last_emulator() -> None:
    sessions = register()
    first = sessions.open()
    first.reset(told, seed=1)
    assert first._environment
    console = id(first._environment.emulator._ale)
    sessions.close(first)
    second = sessions.open()
    second.reset(told, seed=1)
    assert second._environment
    assert id(second._environment.emulator._ale) == console


def test_after_a_change_of_game_and_back_the_same_console_is_used() -> None:
    session = register().open()
    session.reset(told)
    assert session._environment
    console = id(session._environment.emulator._ale)
    session.reset(told, settings={"game": "breakout"})
    assert id(session._environment.emulator._ale) != console
    session.reset(told, settings={"game": "pong"})
    assert id(session._environment.emulator._ale) == console


def test_an_unused_session_ends_soon() -> None:
    sessions = register(idle_timeout=1800.0)
    unused, used, attached = (sessions.open() for _ in range(3))
    unused.state()
    used.reset(told)
    sessions.attach(attached.id, Dismissed())
    sessions.reap(monotonic() + 61)
    assert sessions.all() == [used, attached]
    assert unused.phase is Phase.CLOSED


def test_a_short_idle_timeout_applies_to_unused_sessions_too() -> None:
    sessions = register(idle_timeout=5.0)
    sessions.open()
    sessions.reap(monotonic() + 6)
    assert len(sessions) == 0


def test_any_message_keeps_a_session_alive(start: Start) -> None:
    ways = start()
    with ways.talk() as socket:
        say(socket, "state")
        (session,) = ways.server.sessions.all()
        for frame in ('{"type": "state"}', "nonsense", '{"type": "mcp", "data": {}}'):
            before = monotonic()
            socket.send(frame)
            socket.recv(timeout=30)
            assert session.last_used >= before
        assert say(socket, "state")["type"] == "state"


def test_looking_up_an_owners_session_does_not_create_one() -> None:
    sessions = register()
    assert sessions.owned("me") is None
    mine = sessions.default("me")
    assert sessions.owned("me") is mine is sessions.default("me")
    assert sessions.owned("you") is None
    assert len(sessions) == 1


class Dismissed:
    """The part of a WebSocket that a session uses; counts its dismissals."""

    times = 0
    last_input = 0.0

    def dismiss(self) -> None:
        self.times += 1


def test_a_session_can_be_taken_over() -> None:
    sessions = register()
    session, first, second = sessions.open(), Dismissed(), Dismissed()
    sessions.attach(session.id, first)
    with pytest.raises(UnknownSession):
        sessions.attach(session.id, second)
    assert sessions.attach(session.id, second, takes_over=True) is session
    assert (first.times, second.times) == (1, 0)
    assert not session.detach(first, is_lost=False)
    assert session.phase is Phase.ATTACHED


def lost(sessions: Sessions) -> Session:
    """Return a session whose WebSocket was lost."""
    socket = Dismissed()
    session = sessions.open_for(socket)
    session.reset(told, seed=1)
    sessions.detach(session, socket, is_lost=True)
    assert session.phase is Phase.LOST
    return session


def test_a_lost_session_waits_for_its_client_for_a_limited_time() -> None:
    sessions = register(idle_timeout=1800.0)
    session = lost(sessions)
    sessions.reap(session.last_used + 29)
    assert sessions.attach(session.id, socket := Dismissed()) is session
    sessions.reap(session.last_used + 31)
    sessions.detach(session, socket, is_lost=True)
    sessions.reap(session.last_used + 31)
    assert len(sessions) == 0


def test_lost_sessions_count_and_are_the_first_to_go() -> None:
    sessions = register(most=3)
    first, mine, second = lost(sessions), sessions.open(), lost(sessions)
    assert len(sessions) == 3
    opened = [sessions.open(), sessions.default("me")]
    assert sessions.all() == [mine, *opened]
    assert {first.phase, second.phase} == {Phase.CLOSED}
    with pytest.raises(CapacityReached):
        sessions.open()


def test_sessions_that_are_held_but_never_used_make_room_after_a_minute(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sessions = register(most=2, idle_timeout=1800.0)
    used = sessions.open_for(Dismissed())
    used.reset(told, seed=1)
    held = sessions.open_for(Dismissed())
    with pytest.raises(CapacityReached):
        sessions.open()
    monkeypatch.setattr(register_module, "monotonic", lambda: held.last_used + 61)
    newcomer = sessions.open()
    assert sessions.all() == [used, newcomer]
    assert held.phase is Phase.CLOSED


def test_a_lost_session_pauses_and_continues_where_it_was() -> None:
    sessions = register()
    session = lost(sessions)
    before, _ = session.read(seen)
    sessions.attach(session.id, Dismissed())
    after, _ = session.read(seen)
    assert after.observation.frame_number == before.observation.frame_number


def test_steps_that_a_session_plays_by_itself_do_not_count_as_use() -> None:
    sessions = register(frameskip=1)
    session = sessions.open()
    session.reset(told, seed=1)
    used = session.last_used
    session.hold(0, None)
    assert session.last_used == used
    session.step(told, 0)
    assert session.last_used > used


def test_a_session_can_be_found_by_its_watch_key() -> None:
    sessions = register()
    first, second = sessions.open(), sessions.open()
    assert sessions.watched_by(second.watch_key) is second
    assert first.watch_key != first.id
    for key in ("", "naïve", first.id):
        with pytest.raises(UnknownSession, match="no session has this key"):
            sessions.watched_by(key)


def test_a_session_can_be_attached_only_once() -> None:
    sessions = register(idle_timeout=5.0)
    session = sessions.open()
    assert sessions.attach(session.id, Dismissed()) is session
    with pytest.raises(UnknownSession, match="already has an attached WebSocket"):
        sessions.attach(session.id, Dismissed())


def test_ids_have_128_random_bits_and_are_unique() -> None:
    sessions = register(most=100)
    identities = {sessions.open().id for _ in range(100)}
    assert len(identities) == 100
    assert all(re.fullmatch(r"[\w-]{22}", identity) for identity in identities)
