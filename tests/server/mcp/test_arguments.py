"""What the tools take fits what the emulator takes."""

from atari_cli.config import EnvironmentConfig
from atari_cli.server.mcp.arguments import MOST_STEPS, NewGame
from atari_cli.server.sessions.session import MOST_FRAMES


def test_a_new_game_takes_every_setting_that_is_of_the_game() -> None:
    settings = vars(EnvironmentConfig()).keys() - {"obs_type", "sound"}
    assert NewGame.model_fields.keys() - settings == {"session_id", "with_screen", "seed"}
    assert settings <= NewGame.model_fields.keys()


def test_a_press_of_the_longest_kind_can_be_played() -> None:
    assert MOST_STEPS * EnvironmentConfig.frameskip <= MOST_FRAMES
