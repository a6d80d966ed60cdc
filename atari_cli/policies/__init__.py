"""Policies, which choose the actions: every spelling of `--policy` and its source of policies."""

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

from atari_cli.actions import ALL_CODES
from atari_cli.errors import UnknownPolicy
from atari_cli.model import PolicySource
from atari_cli.policies.chance import RandomPolicy
from atari_cli.policies.constant import repeat_source
from atari_cli.policies.script import script_source
from atari_cli.policies.sequence import ActionSequence
from atari_cli.policies.source import Source
from atari_cli.policies.tracker import tracker_source
from atari_cli.policies.user import file_source, has_module, module_source
from atari_cli.validation import did_you_mean

__all__ = ["SPELLINGS", "ActionSequence", "check_no_arguments", "find_policy"]

_BUILT_IN: Final = {
    "random": "random",
    "noop": "noop",
    "tracker": "tracker",
    "repeat": "repeat:ACTION",
    "script": "script:FILE",
    "replay": "replay:FILE.npz",
}
SPELLINGS: Final = (*_BUILT_IN.values(), "FILE.py", "FILE.py:NAME", "PACKAGE.MODULE:NAME")
"""Every spelling on the command line, which reads `replay:` itself; see docs/policies.md."""

_PYTHON_FILE: Final = re.compile(r"(?P<file>.+\.py)(:(?P<name>\w+))?")
_MODULE: Final = re.compile(r"(?P<module>[^\W\d]\w*(\.[^\W\d]\w*)*):(?P<name>\w+)")


def find_policy(
    spec: str,
    game: str,
    codes: Sequence[int] = ALL_CODES,
    arguments: Mapping[str, Any] = MappingProxyType({}),
) -> PolicySource:
    """Return the source of a policy, ready to be loaded here or in a worker.

    A user's Python file is read here, but its code runs only in the source's `load()`.

    Args:
        spec: One of `SPELLINGS` except `replay:`, which is an `ActionSequence` made from a
            recording.
        game: ROM id of the game to play.
        codes: The action set as ALE codes.
        arguments: Arguments by name for the class or function of a user's file or module.

    Raises:
        UnknownPolicy: If there is no such policy, its file cannot be read, or it takes no
            arguments.
        InvalidAction: If `repeat:ACTION` names no action in the set.
        InvalidSetting: If the policy cannot play this game.
        ScriptError: If a script has a mistake.
    """
    kind, colon, argument = spec.partition(":")
    if kind in _BUILT_IN:
        check_no_arguments(spec, arguments)
    match kind:
        case "random" if not colon:
            return Source(spec, RandomPolicy, deterministic=False)
        case "noop" if not colon:
            return repeat_source(spec, "NOOP", codes)
        case "tracker" if not colon:
            return tracker_source(spec, game)
        case "repeat" if argument:
            return repeat_source(spec, argument, codes)
        case "script" if argument:
            return script_source(spec, argument, codes)
    if kind in _BUILT_IN:
        raise UnknownPolicy(_unknown(spec))
    if match := _PYTHON_FILE.fullmatch(spec):
        return file_source(spec, match["file"], match["name"], arguments)
    if (match := _MODULE.fullmatch(spec)) and has_module(match["module"]):
        return module_source(spec, match["module"], match["name"], arguments)
    raise UnknownPolicy(_unknown(spec))


def check_no_arguments(spec: str, arguments: Mapping[str, Any]) -> None:
    """Check that a policy which takes no arguments gets none.

    Args:
        spec: The policy as the user spelled it.
        arguments: The arguments by name.

    Raises:
        UnknownPolicy: If it gets some.
    """
    if arguments:
        names = ", ".join(arguments)
        raise UnknownPolicy(f"the policy {spec!r} takes no arguments, got {names}")


def _unknown(spec: str) -> str:
    hint = did_you_mean(spec.partition(":")[0].lower(), _BUILT_IN)
    return f"unknown policy {spec!r}; expected one of {', '.join(SPELLINGS)}{hint}"
