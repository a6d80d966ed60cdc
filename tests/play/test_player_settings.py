import pytest

from atari_cli.config import PlayConfig
from atari_cli.play.interface import SLOTS, Command, Inputs
from atari_cli.play.player_settings import FASTEST_REWIND, MESSAGE_TICKS, SLOW_TICKS, PlayerSettings

REWIND = Inputs(held=frozenset({Command.REWIND}))


@pytest.fixture
def settings() -> PlayerSettings:
    return PlayerSettings(PlayConfig(volume=50))


def test_pause_stops_and_resumes_time(settings: PlayerSettings) -> None:
    settings.obey(Command.PAUSE)
    assert settings.paused
    settings.obey(Command.PAUSE)
    assert not settings.paused


def test_frame_advance_pauses(settings: PlayerSettings) -> None:
    settings.obey(Command.ADVANCE)
    settings.obey(Command.ADVANCE)
    assert settings.paused


def test_time_stops_without_the_focus_and_resumes_with_it(settings: PlayerSettings) -> None:
    settings.tick(Inputs(focused=False), stops_without_focus=True)
    assert settings.paused
    settings.tick(Inputs(), stops_without_focus=True)
    assert not settings.paused


def test_a_pause_by_key_outlasts_a_change_of_focus(settings: PlayerSettings) -> None:
    settings.obey(Command.PAUSE)
    settings.tick(Inputs(focused=False), stops_without_focus=True)
    settings.tick(Inputs(), stops_without_focus=True)
    assert settings.paused


def test_an_agent_keeps_playing_without_the_focus(settings: PlayerSettings) -> None:
    settings.tick(Inputs(focused=False), stops_without_focus=False)
    assert not settings.paused


def test_help_stops_time(settings: PlayerSettings) -> None:
    settings.obey(Command.HELP)
    assert settings.help
    assert settings.paused
    settings.obey(Command.HELP)
    assert not settings.paused


def test_slow_motion_lets_every_fourth_tick_pass(settings: PlayerSettings) -> None:
    settings.obey(Command.SLOW_MOTION)
    due = 0
    for _ in range(40):
        settings.tick(Inputs(), stops_without_focus=True)
        due += settings.is_due()
    assert due == 40 // SLOW_TICKS


def test_rewinding_accelerates_and_starts_slowly_again(
    settings: PlayerSettings,
) -> None:
    steps = [settings.rewind_steps(60) for _ in range(60 * 9)]
    assert steps[:60] == [1] * 60
    assert steps[60:120] == [2] * 60
    assert steps[-1] == FASTEST_REWIND
    settings.tick(REWIND, stops_without_focus=True)
    assert settings.rewind_steps(60) == FASTEST_REWIND
    settings.tick(Inputs(), stops_without_focus=True)
    assert settings.rewind_steps(60) == 1


def test_volume_changes_by_tens_within_its_range_and_unmutes(settings: PlayerSettings) -> None:
    settings.obey(Command.MUTE)
    assert settings.muted
    settings.obey(Command.LOUDER)
    assert (settings.volume, settings.muted, settings.message) == (60, False, "volume 60 %")
    for _ in range(9):
        settings.obey(Command.LOUDER)
    assert settings.volume == 100
    for _ in range(20):
        settings.obey(Command.QUIETER)
    assert settings.volume == 0


def test_slots_wrap_around(settings: PlayerSettings) -> None:
    settings.obey(Command.PREVIOUS_SLOT)
    assert settings.slot == SLOTS - 1
    settings.obey(Command.NEXT_SLOT)
    assert settings.slot == 0
    assert "slot 0" in settings.message


def test_a_message_disappears_after_a_while(settings: PlayerSettings) -> None:
    settings.say("hello")
    for _ in range(MESSAGE_TICKS - 1):
        settings.tick(Inputs(), stops_without_focus=True)
    assert settings.message == "hello"
    settings.tick(Inputs(), stops_without_focus=True)
    assert settings.message == ""


def test_other_commands_are_left_to_the_session(settings: PlayerSettings) -> None:
    assert settings.obey(Command.HUD)
    assert settings.hud
    for command in (Command.SAVE, Command.LEAVE, Command.VIDEO, Command.NEW_GAME):
        assert not settings.obey(command)


def test_one_key_shows_the_display_with_the_slider_then_neither(settings: PlayerSettings) -> None:
    watching = PlayerSettings(PlayConfig(), has_slider=True)
    seen = []
    for _ in range(4):
        seen.append((watching.slider, watching.hud))
        watching.obey(Command.HUD)
    assert seen == [(True, False), (True, True), (False, False), (True, False)]
    for hud in (True, False):
        settings.obey(Command.HUD)
        assert (settings.slider, settings.hud) == (False, hud)
