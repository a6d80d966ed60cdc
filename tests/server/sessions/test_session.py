"""What a session does with an emulator that fails; the rest is tried through the register."""

from threading import Event, Semaphore, Thread
from typing import Any

import pytest

from atari_cli.config import EnvironmentConfig
from atari_cli.emulator import Emulator
from atari_cli.environment import AtariEnvironment
from atari_cli.errors import InvalidSetting, ResetNeeded, SessionBusy
from atari_cli.games import Game
from atari_cli.model import AtariState, StepResult
from atari_cli.server.sessions.emulator_pool import Pool
from atari_cli.server.sessions.session import Session
from tests.server.sessions.test_register import register, told


def test_an_emulator_that_failed_is_given_to_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
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
            assert session.step(told, 0)[1].step_count == 1
        sessions.close(session)
        other = sessions.open()
        other.reset(told)
        assert other.step(told, 0)[1].step_count == 1


def test_the_first_reset_loads_the_game_that_it_names_alone() -> None:
    made: list[str] = []

    class Counting(Pool):
        def make(self, game: Game, *rest: Any) -> Emulator:
            made.append(game.id)
            return super().make(game, *rest)

    session = Session("id", EnvironmentConfig(), Counting(), None)
    with pytest.raises(InvalidSetting):
        session.reset(told, settings={"game": "breakout", "mode": 77})
    session.reset(told, settings={"game": "breakout"})
    assert set(made) == {"breakout"}


def played(
    environment: AtariEnvironment, last: StepResult | None
) -> tuple[StepResult, StepResult | None]:
    return environment.step(0), last


def test_who_uses_the_environment_gets_the_last_result_and_leaves_one() -> None:
    session = register().open()
    first, _ = session.reset(told)
    assert session.use(played) is first
    last, state = session.look(told)
    assert (last.observation.episode_frame_number, state.step_count) == (4, 1)


def test_what_is_raised_on_purpose_leaves_the_last_result() -> None:
    session = register().open()
    first, _ = session.reset(told)

    def refuse(environment: AtariEnvironment, last: StepResult | None) -> Any:
        raise InvalidSetting("no")

    with pytest.raises(InvalidSetting):
        session.use(refuse)
    assert session.look(told)[0] is first


def test_an_emulator_that_failed_is_not_used_before_the_next_reset() -> None:
    session = register().open()
    session.reset(told)

    def fail(environment: AtariEnvironment, last: StepResult | None) -> Any:
        raise RuntimeError("the cartridge fell out")

    with pytest.raises(RuntimeError):
        session.use(fail)
    with pytest.raises(ResetNeeded, match="start a new episode"):
        session.use(played)
    session.reset(told)
    session.use(played)


def test_an_emulator_that_is_left_for_another_goes_back_to_the_pool() -> None:
    pool = Pool()
    session = Session("id", EnvironmentConfig(), pool, None)
    session.reset(told, settings={"game": "breakout"})
    saved: list[bytes] = []

    def save(environment: AtariEnvironment, last: StepResult | None) -> tuple[StepResult, None]:
        assert last
        saved.append(environment.save())
        return last, None

    session.use(save)
    session.reset(told, settings={"game": "pong"})
    session.use(lambda environment, last: (environment.restore(saved[0]), None))
    assert session.state().game_name == "breakout"
    assert [emulator.game.id for emulator in pool._spare] == ["pong"]


def test_no_more_requests_wait_for_a_session_than_may() -> None:
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


def test_a_lot_has_only_so_many_frames() -> None:
    session = register(frameskip=1000, max_frames=0).open()
    with pytest.raises(InvalidSetting, match="at most 65536 frames"):
        session.step_many(told, [0] * 66)
    assert session.state().step_count == 0
