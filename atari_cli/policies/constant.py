"""The policies that always play one action: `noop` and `repeat:ACTION`."""

from collections.abc import Sequence
from functools import partial

from atari_cli.actions import ACTION_NAMES, action_index
from atari_cli.model import AtariObservation, Policy
from atari_cli.policies.source import Source


def repeat_source(name: str, action: str, codes: Sequence[int]) -> Source:
    """Return the source of a policy that plays one action at every step.

    Args:
        name: The policy as the user spelled it.
        action: The name of the action, in any case.
        codes: The action set as ALE codes.

    Raises:
        InvalidAction: If the action is not in the set.
    """
    known = ACTION_NAMES[codes[action_index(action, codes)]]
    return Source(name, partial(_repeated, known), deterministic=True)


def _repeated(action: str) -> Policy:
    def repeat(observation: AtariObservation) -> str:
        return action

    return repeat
