"""The phases of a session as a table, and the events that lead from one to another."""

from itertools import product

import pytest

from atari_cli.errors import UnknownSession
from atari_cli.server.sessions.phases import Lifecycle, LifeEvent, Phase, after

NEXT: dict[str, list[str | None]] = {
    #        USE         ATTACH      LEAVE     LOSE      END       CLOSE
    "NEW": ["USED", "ATTACHED", None, None, "CLOSED", "CLOSED"],
    "USED": ["USED", "ATTACHED", None, "LOST", "CLOSED", "CLOSED"],
    "ATTACHED": ["ATTACHED", "ATTACHED", "USED", "LOST", "ENDING", "CLOSED"],
    "LOST": ["USED", "ATTACHED", None, None, "CLOSED", "CLOSED"],
    "ENDING": ["ENDING", "ENDING", "CLOSED", "CLOSED", "ENDING", "CLOSED"],
    "CLOSED": [None, None, None, None, "CLOSED", "CLOSED"],
}
EVENTS = ["USE", "ATTACH", "LEAVE", "LOSE", "END", "CLOSE"]


@pytest.mark.parametrize(("phase", "event"), list(product(Phase, LifeEvent)))
def test_each_event_leads_to_one_phase_or_is_refused(phase: Phase, event: LifeEvent) -> None:
    expected = NEXT[phase.name][EVENTS.index(event.name)]
    if expected is not None:
        assert after(phase, event) is Phase[expected]
    else:
        with pytest.raises(UnknownSession if phase is Phase.CLOSED else ValueError):
            after(phase, event)


class Socket:
    """The part of a WebSocket that a session uses."""

    is_dismissed = False
    last_input = 0.0

    def dismiss(self) -> None:
        self.is_dismissed = True


class Pacing:
    """The part of a pacer that a session uses."""

    is_stopped = False
    paused, speed = True, 0.5

    def __init__(self) -> None:
        self.warnings: list[float] = []

    def stop(self) -> None:
        self.is_stopped = True

    def warn(self, seconds: float) -> None:
        self.warnings.append(seconds)


@pytest.mark.parametrize(
    ("ends_with_socket", "is_lost", "expected"),
    [
        (False, False, Phase.USED),
        (False, True, Phase.USED),
        (True, False, Phase.CLOSED),
        (True, True, Phase.LOST),
    ],
)
def test_a_leaving_socket_ends_its_session_unless_its_client_may_come_back(
    ends_with_socket: bool, is_lost: bool, expected: Phase
) -> None:
    life, socket = Lifecycle("id", ends_with_socket), Socket()
    life.attach(socket)
    assert life.detach(socket, is_lost) is (expected is Phase.CLOSED)
    assert life.phase is expected


def test_a_client_that_had_no_socket_is_lost_unless_another_has_the_session() -> None:
    life, socket = Lifecycle("id", False), Socket()
    phases = []
    for step in (life.use, life.lose, lambda: life.attach(socket), life.lose):
        step()
        phases.append(life.phase)
    assert phases == [Phase.USED, Phase.LOST, Phase.ATTACHED, Phase.ATTACHED]


def test_a_person_is_warned_once_until_something_is_sent() -> None:
    life, socket, pacer = Lifecycle("id", True), Socket(), Pacing()
    life.attach(socket)
    life.warn(9.0)
    life.play_with(pacer)
    for seconds in (5.0, 4.0):
        life.warn(seconds)
    socket.last_input = life.last_used + 1
    life.warn(3.0)
    assert pacer.warnings == [5.0, 3.0]


def test_the_pace_of_a_lost_game_is_remembered() -> None:
    life = Lifecycle("id", True)
    assert life.pace == (False, 1.0)
    life.play_with(Pacing())
    assert life.pace == (True, 0.5)


def test_a_session_that_is_to_end_waits_until_its_socket_leaves() -> None:
    life, socket = Lifecycle("id", False), Socket()
    life.attach(socket)
    assert not life.end()
    life.use()
    assert life.detach(socket, is_lost=True)
    with pytest.raises(UnknownSession, match="was ended"):
        life.attach(Socket())


def test_a_socket_is_replaced_only_by_one_that_takes_over() -> None:
    life, first, second = Lifecycle("id", True), Socket(), Socket()
    life.attach(first)
    with pytest.raises(UnknownSession, match="Session id already has an attached WebSocket"):
        life.attach(second)
    life.attach(second, takes_over=True)
    assert (first.is_dismissed, second.is_dismissed) == (True, False)
    assert not life.detach(first, is_lost=False)
    assert life.phase is Phase.ATTACHED


def test_only_one_pacer_plays_at_a_time() -> None:
    life, first, second = Lifecycle("id", True), Pacing(), Pacing()
    for pacer in (first, first, second):
        life.play_with(pacer)
    assert (first.is_stopped, second.is_stopped) == (True, False)
    assert life.is_played_by(second)
