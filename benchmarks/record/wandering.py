"""A policy for an endless recording: a ball of Breakout that is never served is never lost."""

import random

from atari_cli.model import AtariObservation


def wander(observation: AtariObservation) -> str:
    return random.choice(("NOOP", "LEFT", "RIGHT"))
