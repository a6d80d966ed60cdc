"""Policies by name: those of `policies`, and the actions of a recording."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from atari_cli.config import EnvironmentConfig
from atari_cli.errors import InvalidSetting, UnknownPolicy
from atari_cli.games import find_game
from atari_cli.model import Policy, PolicySource
from atari_cli.policies import ActionSequence, check_no_arguments
from atari_cli.policies import find_policy as find_other_policy
from atari_cli.recording import load_recording
from atari_cli.validation import check_type

_REPLAY: Final = "replay:"


def find_policy(
    spec: str,
    environment: EnvironmentConfig | str,
    arguments: Mapping[str, Any] = MappingProxyType({}),
) -> PolicySource:
    """Return a policy by its spelling on the command line, ready to be loaded here or in a worker.

    A user's Python code is read here, but first run by the source's `load()`.

    Args:
        spec: `random`, `noop`, `tracker`, `repeat:ACTION`, `script:FILE`, `replay:FILE.npz`,
            `FILE.py`, `FILE.py:NAME` or `PACKAGE.MODULE:NAME`.
        environment: The settings that it will play with, or a game's name.
        arguments: Arguments by name for the class or function of a user's file or module.

    Returns:
        The source; `source.load()` returns a policy, a function of the observation.

    Raises:
        UnknownGame: If no game has that name.
        UnknownPolicy: If there is no such policy, or its file cannot be read.
        InvalidSetting: If it cannot play this game; InvalidAction if `repeat:` names no action of
            the set, ScriptError if a script has a mistake.
        InvalidRecording: If `replay:` names a file that is not a recording.
    """
    check_type("policy", spec, str)
    environment = EnvironmentConfig.of(environment)
    game = find_game(environment.game)
    codes = game.action_set(environment.full_action_space)
    if not spec.startswith(_REPLAY):
        return find_other_policy(spec, game.id, codes, arguments)
    check_no_arguments(spec, arguments)
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
        raise InvalidSetting(f"{path} has actions outside the minimal set; give full_action_space")
    return ActionSequence(spec, actions)


def as_source(policy: PolicySource | Policy | str, environment: EnvironmentConfig) -> PolicySource:
    """Return the source of a policy that is given as an object or by its spelling.

    Args:
        policy: A function of the observation, a class of such objects, a source, or a spelling
            as `find_policy` takes it.
        environment: The settings that it will play with.

    Raises:
        AtariError: As `find_policy`; InvalidSetting if it is neither callable nor a source.
    """
    from atari_cli.rollout.work import policy_source

    return find_policy(policy, environment) if isinstance(policy, str) else policy_source(policy)
