"""Print the machine's speed: frames/s of bare `ale.act` in pong on one core, the best of five."""

from time import perf_counter
from typing import Final

from benchmarks.peers import loaded

_FRAMES: Final = 3_000
"""Nearly as long as a game that nobody plays: after its end, `ale.act` does nothing."""


def frames_per_second() -> float:
    """Return the speed of one game of Pong, which nobody plays.

    Raises:
        RuntimeError: If it ends too early.
    """
    ale = loaded("pong")
    started = perf_counter()
    for _ in range(_FRAMES):
        ale.act(0)
    taken = perf_counter() - started
    if ale.game_over():
        raise RuntimeError(f"the game was over before frame {_FRAMES}")
    return _FRAMES / taken


if __name__ == "__main__":
    print(f"{max(frames_per_second() for _ in range(5)):,.0f}")
