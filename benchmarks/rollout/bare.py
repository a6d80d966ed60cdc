"""Print the machine's speed: frames/s of bare `ale.act` in pong on one core, the best of five."""

from time import perf_counter
from typing import Final

from benchmarks.peers import loaded

_FRAMES: Final = 10_000


def frames_per_second() -> float:
    """Play as many frames of Pong as a fast machine plays in half a second."""
    ale = loaded("pong")
    started = perf_counter()
    for _ in range(_FRAMES):
        ale.act(0)
    return _FRAMES / (perf_counter() - started)


if __name__ == "__main__":
    print(f"{max(frames_per_second() for _ in range(5)):,.0f}")
