"""The phases of a session as a table, and the events that lead from one to another."""

from itertools import product

import pytest

from atari_cli.errors import UnknownSession
from atari_cli.server.sessions.phases import Lifecycle, LifeEvent, Phase, after

NEXT: dict[str, list[str | None]] = {
    #        USE         ATTACH      LEAVE     LOSE      END       CLOSE
    "NEW": ["USED", "ATTACHED", None, None, "CLOSED", "CLOSED"],
    "USED": ["USED", "ATTACHED", None, None, "CLOSED", "CLOSED"],
    "ATTACHED": ["ATTACHED", "ATTACHED", "USED", "LOST", "ENDING", "CLOSED"],
    "LOST": ["LOST", "ATTACHED", None, None, "CLOSED", "CLOSED"],
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
    last_heard = 0.0

    def dismiss(self) -> None:
        self.is_dismissed = True


class Pacing:
    """The part of a pacer that a session uses."""

    is_stopped = False

    def stop(self) -> None:
        self.is_stopped = True


@pytest.mark.parametrize(
    ("ends_with_socket", "is_played", "said_farewell", "expected"),
    [
        (False, False, False, Phase.USED),
        (False, True, True, Phase.USED),
        (True, False, False, Phase.CLOSED),
        (True, True, False, Phase.LOST),
        (True, True, True, Phase.CLOSED),
    ],
)
def test_a_leaving_socket_ends_its_session_unless_a_person_may_come_back(
    ends_with_socket: bool, is_played: bool, said_farewell: bool, expected: Phase
) -> None:
    life, socket = Lifecycle("id", ends_with_socket), Socket()
    life.attach(socket)
    if is_played:
        life.play_with(Pacing())
    assert life.detach(socket, said_farewell) is (expected is Phase.CLOSED)
    assert life.phase is expected


def test_a_session_that_is_to_end_waits_until_its_socket_leaves() -> None:
    life, socket = Lifecycle("id", False), Socket()
    life.attach(socket)
    assert not life.end()
    life.use()
    assert life.detach(socket, said_farewell=False)
    with pytest.raises(UnknownSession, match="was ended"):
        life.attach(Socket())


def test_a_socket_can_be_replaced_only_if_a_person_plays() -> None:
    life, first, second = Lifecycle("id", True), Socket(), Socket()
    life.attach(first)
    with pytest.raises(UnknownSession, match="Session id already has an attached WebSocket"):
        life.attach(second, takes_over=True)
    life.play_with(Pacing())
    life.attach(second, takes_over=True)
    assert (first.is_dismissed, second.is_dismissed) == (True, False)
    assert not life.detach(first, said_farewell=True)
    assert life.phase is Phase.ATTACHED


def test_only_one_pacer_plays_at_a_time() -> None:
    life, first, second = Lifecycle("id", True), Pacing(), Pacing()
    for pacer in (first, first, second):
        life.play_with(pacer)
    assert (first.is_stopped, second.is_stopped) == (True, False)
    assert life.is_played_by(second)
