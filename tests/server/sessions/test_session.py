"""Sessions with failing emulators, kept episodes and views; test_register.py has the rest."""

from contextlib import suppress
from threading import Event, Semaphore, Thread
from typing import Any, cast

import pytest
from ale_py import ALEInterface

from atari_cli.config import EnvironmentConfig
from atari_cli.emulator import Emulator
from atari_cli.errors import InvalidSetting, ResetNeeded, SessionBusy, UnknownSession
from atari_cli.games import Game, find_game
from atari_cli.model import AtariState, StepResult
from atari_cli.server.sessions.metrics import Metrics
from atari_cli.server.sessions.phases import Phase
from atari_cli.server.sessions.session import MOST_WAITING, Session
from atari_cli.server.sessions.spectators import Snapshot
from atari_cli.server.sessions.view import EpisodeView, Playing
from tests.server.sessions.test_register import register, seen, told


def test_a_failed_emulator_is_not_reused(monkeypatch: pytest.MonkeyPatch) -> None:
    sessions = register()

    def fail(*given: object) -> int:
        raise RuntimeError("the cartridge fell out")

    for is_reset in (True, False):
        session = sessions.open()
        session.reset(told)
        assert session._environment
        monkeypatch.setattr(session._environment.emulator, "act", fail)
        with pytest.raises(RuntimeError):
            session.step(told, 0)
        if is_reset:
            session.reset(told)
            session.step(told, 0)
            assert session.state().step_count == 1
        sessions.close(session)
        other = sessions.open()
        other.reset(told)
        other.step(told, 0)
        assert other.state().step_count == 1


def test_no_state_is_restored_into_a_failed_emulator() -> None:
    session = Session("id", EnvironmentConfig("pong"), Metrics())
    session.reset(told)
    session.save("start", lambda view, is_replaced: None)
    session.reset(told, settings={"game": "breakout"})
    assert session._environment
    failed = session._environment.emulator
    console = id(failed._ale)
    failed._ale = cast(ALEInterface, Failing(failed._ale))
    with pytest.raises(RuntimeError):
        session.step(told, 0)
    snapshots: list[Snapshot | None] = []
    session.spectate(snapshots.append)
    snapshots.clear()
    with pytest.raises(ResetNeeded, match="the emulator failed"):
        session.restore("start", lambda view: None)
    assert (session.episodes, snapshots) == (2, [])
    session.close()
    del failed, session
    other = Session("other", EnvironmentConfig("breakout"), Metrics())
    other.reset(told)
    assert other._environment
    assert id(other._environment.emulator._ale) != console


class Failing:
    """A console that fails at the next frame."""

    def __init__(self, ale: object) -> None:
        self._ale = ale

    def __getattr__(self, name: str) -> object:
        return getattr(self._ale, name)

    def act(self, *given: object) -> int:
        raise RuntimeError("the cartridge fell out")


def test_the_first_reset_loads_only_the_game_that_it_names() -> None:
    made: list[str] = []

    def make(game: Game, *rest: Any) -> Emulator:
        made.append(game.id)
        return Emulator(game, *rest)

    session = Session("id", EnvironmentConfig(), Metrics(), make_emulator=make)
    with pytest.raises(InvalidSetting):
        session.reset(told, settings={"game": "breakout", "mode": 77})
    session.reset(told, settings={"game": "breakout"})
    assert set(made) == {"breakout"}


def test_a_function_that_plays_the_episode_sees_it_and_sets_the_last_result() -> None:
    session = register().open()
    first, _ = session.reset(told)

    def work(playing: Playing) -> StepResult:
        assert playing.view().result is first
        return playing.step(0)

    last = session.play(work)
    result, state = session.read(seen)
    assert result is last
    assert (last.observation.episode_frame_number, state.step_count) == (4, 1)


def test_a_refusal_keeps_the_last_result() -> None:
    session = register().open()
    first, _ = session.reset(told)

    def refuse(playing: Playing) -> None:
        raise InvalidSetting("no")

    with pytest.raises(InvalidSetting):
        session.play(refuse)
    assert session.read(seen)[0] is first


def test_a_failed_emulator_is_not_used_before_the_next_reset() -> None:
    session = register().open()
    session.reset(told)

    def fail(playing: Playing) -> None:
        raise RuntimeError("the cartridge fell out")

    with pytest.raises(RuntimeError):
        session.play(fail)
    for use in (lambda: session.play(step), lambda: session.read(seen)):
        with pytest.raises(ResetNeeded, match="start a new episode"):
            use()
    session.reset(told)
    session.play(step)


def step(playing: Playing) -> StepResult:
    return playing.step(0)


def test_the_console_of_a_game_that_a_restored_one_replaces_is_used_again() -> None:
    session = Session("id", EnvironmentConfig(), Metrics())
    session.reset(told, settings={"game": "breakout"})
    session.save("here", nothing)
    session.reset(told, settings={"game": "pong"})
    assert session._environment
    console = id(session._environment.emulator._ale)
    session.restore("here", nothing)
    assert session.state().game_name == "breakout"
    assert id(Emulator(find_game("pong"))._ale) == console


def nothing(*given: object) -> None:
    return None


def test_a_restored_game_is_another_episode_to_spectators() -> None:
    session = register(game="pong").open()
    shown: list[Snapshot | None] = []
    session.spectate(shown.append)
    session.reset(told, seed=1)
    session.save("pong", nothing)
    session.reset(told, seed=2, settings={"game": "air_raid"})
    session.restore("pong", nothing)
    snapshot = shown[-1]
    assert snapshot
    state = snapshot.state
    assert (snapshot.number, state.game_name, state.seed) == (3, "pong", 1)
    assert snapshot.screen.shape == (210, 160)


def test_reading_changes_nothing() -> None:
    session = register(game="breakout", frameskip=2).open()
    with pytest.raises(ResetNeeded):
        session.read(seen)
    state = session.state()
    assert (state.game_name, state.frameskip, state.episode_id) == ("breakout", 2, None)
    assert session._environment is None
    session.keep_episode()
    session.reset(told)
    session.step(told, 1)

    def fail(view: EpisodeView) -> None:
        raise RuntimeError("the reader is to blame")

    with pytest.raises(RuntimeError):
        session.read(fail)
    session.state()
    session.read(seen)
    assert session.episodes == 1
    kept = session.kept_episode()
    assert kept
    assert kept.steps == 1
    session.step(told, 0)
    assert session.state().step_count == 2


def test_an_episode_played_or_restored_by_an_agent_is_not_kept() -> None:
    session = register().open()
    for change in (lambda: session.play(step), lambda: session.restore("here", nothing)):
        session.keep_episode()
        session.reset(told)
        session.step(told, 0)
        session.save("here", nothing)
        assert session.kept_episode()
        change()
        assert session.kept_episode() is None


def test_the_number_of_requests_waiting_for_a_session_is_limited() -> None:
    session = register().open()
    session.reset(told)
    begun, go_on = Event(), Event()

    def hold(result: StepResult, state: AtariState) -> None:
        begun.set()
        go_on.wait(30)

    threads = [Thread(target=session.step, args=(hold, 0))]
    threads[0].start()
    begun.wait(30)
    refused = Semaphore(0)

    def ask() -> None:
        try:
            session.state()
        except SessionBusy:
            refused.release()

    threads += [Thread(target=ask) for _ in range(20)]
    for thread in threads[1:]:
        thread.start()
    for _ in range(5):
        assert refused.acquire(timeout=30)
    go_on.set()
    for thread in threads:
        thread.join()
    assert not refused.acquire(blocking=False)
    assert session.state().step_count == 1


def test_a_session_is_closed_however_many_requests_wait() -> None:
    session = register().open()
    session.reset(told)
    begun, go_on = Event(), Event()

    def hold(result: StepResult, state: AtariState) -> None:
        begun.set()
        go_on.wait(30)

    def ask() -> None:
        with suppress(SessionBusy, UnknownSession):
            session.state()

    threads = [Thread(target=session.step, args=(hold, 0))]
    threads[0].start()
    begun.wait(30)
    threads += [Thread(target=ask) for _ in range(MOST_WAITING)] + [Thread(target=session.close)]
    for thread in threads[1:]:
        thread.start()
    go_on.set()
    for thread in threads:
        thread.join()
    assert session.phase is Phase.CLOSED


def test_the_number_of_frames_in_a_batch_is_limited() -> None:
    session = register(frameskip=1000, max_frames=0).open()
    with pytest.raises(InvalidSetting, match="at most 65536 frames"):
        session.step_many(told, [0] * 66)
    assert session.state().step_count == 0
