import pytest

from atari_cli.config import PlayConfig
from atari_cli.play.interface import SLOTS, Command, Inputs
from atari_cli.play.player_settings import FASTEST_REWIND, MESSAGE_TICKS, SLOW_TICKS, PlayerSettings

REWIND = Inputs(held=frozenset({Command.REWIND}))


@pytest.fixture
def dials() -> PlayerSettings:
    return PlayerSettings(PlayConfig(volume=50))


def test_pause_stops_time_and_goes_on(dials: PlayerSettings) -> None:
    dials.obey(Command.PAUSE)
    assert dials.paused
    dials.obey(Command.PAUSE)
    assert not dials.paused


def test_frame_advance_pauses(dials: PlayerSettings) -> None:
    dials.obey(Command.ADVANCE)
    dials.obey(Command.ADVANCE)
    assert dials.paused


def test_time_stands_still_without_the_focus_and_goes_on_with_it(dials: PlayerSettings) -> None:
    dials.tick(Inputs(focused=False), stops_without_focus=True)
    assert dials.paused
    dials.tick(Inputs(), stops_without_focus=True)
    assert not dials.paused


def test_a_pause_by_the_key_outlasts_the_focus(dials: PlayerSettings) -> None:
    dials.obey(Command.PAUSE)
    dials.tick(Inputs(focused=False), stops_without_focus=True)
    dials.tick(Inputs(), stops_without_focus=True)
    assert dials.paused


def test_an_agent_plays_on_without_the_focus(dials: PlayerSettings) -> None:
    dials.tick(Inputs(focused=False), stops_without_focus=False)
    assert not dials.paused


def test_help_stops_time(dials: PlayerSettings) -> None:
    dials.obey(Command.HELP)
    assert dials.help
    assert dials.paused
    dials.obey(Command.HELP)
    assert not dials.paused


def test_slow_motion_lets_every_fourth_tick_pass(dials: PlayerSettings) -> None:
    dials.obey(Command.SLOW_MOTION)
    due = 0
    for _ in range(40):
        dials.tick(Inputs(), stops_without_focus=True)
        due += dials.is_due()
    assert due == 40 // SLOW_TICKS


def test_rewinding_gets_faster_the_longer_it_lasts_and_starts_slow_again(
    dials: PlayerSettings,
) -> None:
    steps = [dials.rewind_steps(60) for _ in range(60 * 9)]
    assert steps[:60] == [1] * 60
    assert steps[60:120] == [2] * 60
    assert steps[-1] == FASTEST_REWIND
    dials.tick(REWIND, stops_without_focus=True)
    assert dials.rewind_steps(60) == FASTEST_REWIND
    dials.tick(Inputs(), stops_without_focus=True)
    assert dials.rewind_steps(60) == 1


def test_volume_goes_by_tens_within_its_range_and_ends_muting(dials: PlayerSettings) -> None:
    dials.obey(Command.MUTE)
    assert dials.muted
    dials.obey(Command.LOUDER)
    assert (dials.volume, dials.muted, dials.message) == (60, False, "volume 60 %")
    for _ in range(9):
        dials.obey(Command.LOUDER)
    assert dials.volume == 100
    for _ in range(20):
        dials.obey(Command.QUIETER)
    assert dials.volume == 0


def test_slots_go_around(dials: PlayerSettings) -> None:
    dials.obey(Command.PREVIOUS_SLOT)
    assert dials.slot == SLOTS - 1
    dials.obey(Command.NEXT_SLOT)
    assert dials.slot == 0
    assert "slot 0" in dials.message


def test_a_message_goes_by_itself(dials: PlayerSettings) -> None:
    dials.say("hello")
    for _ in range(MESSAGE_TICKS - 1):
        dials.tick(Inputs(), stops_without_focus=True)
    assert dials.message == "hello"
    dials.tick(Inputs(), stops_without_focus=True)
    assert dials.message == ""


def test_what_is_no_dial_is_left_to_the_session(dials: PlayerSettings) -> None:
    assert dials.obey(Command.HUD)
    assert dials.hud
    for command in (Command.SAVE, Command.LEAVE, Command.VIDEO, Command.NEW_GAME):
        assert not dials.obey(command)
