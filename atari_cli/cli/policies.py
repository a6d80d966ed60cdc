"""A policy as the user spells it; here `replay:FILE` meets the recordings."""

from typing import Final

from atari_cli.config import EnvironmentConfig
from atari_cli.errors import InvalidSetting, UnknownPolicy
from atari_cli.games import find_game
from atari_cli.model import PolicySource
from atari_cli.policies import ActionSequence, find_policy

_REPLAY: Final = "replay:"


def find_source(spec: str, environment: EnvironmentConfig) -> PolicySource:
    """Return the source of a policy for a game.

    Raises:
        UnknownPolicy: If there is no such policy, or it cannot be loaded.
        InvalidSetting: If it cannot play this game.
        InvalidRecording: If `replay:` names a file that is no recording.
    """
    game = find_game(environment.game)
    codes = game.action_set(environment.full_action_space)
    if not spec.startswith(_REPLAY):
        return find_policy(spec, game.id, codes)
    from atari_cli.recording import load_recording

    path = spec.removeprefix(_REPLAY)
    if not path:
        raise UnknownPolicy("replay: needs the path of a recording, as in replay:FILE.npz")
    recording = load_recording(path)
    if recording.game != game:
        raise InvalidSetting(
            f"{path} is a recording of {recording.game.id}, not of {game.id}: name that game"
        )
    actions = recording.arrays["actions"].tolist()
    if not set(actions) <= set(codes):
        raise InvalidSetting(f"{path} has actions outside the minimal set: --full-action-space")
    return ActionSequence(spec, actions)
