"""Measuring alternatives in turn within one run, so that slow periods affect all of them."""

import gc
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from statistics import median
from time import perf_counter

Figures = dict[str, list[float]]
"""The figures of each alternative, one per repeat."""


@dataclass(frozen=True)
class Effort:
    """The amount of measuring.

    Attributes:
        quick: Only show that everything runs; the figures mean little.
    """

    quick: bool = False

    @property
    def repeats(self) -> int:
        return self.pick(5, 1)

    def pick(self, full: int, quick: int) -> int:
        return quick if self.quick else full


def side_by_side(alternatives: Mapping[str, Callable[[], float]], repeats: int) -> Figures:
    """Return the figures of alternatives measured in turn, after one warm-up round.

    Every other round is in reverse order, so that none always follows the same one.
    """
    for measure in alternatives.values():
        measure()
    figures: Figures = {name: [] for name in alternatives}
    for repeat in range(repeats):
        for name in list(alternatives)[:: -1 if repeat % 2 else 1]:
            gc.collect()
            figures[name].append(alternatives[name]())
    return figures


def rate(
    play: Callable[[], int], prepare: Callable[[], object] = lambda: None
) -> Callable[[], float]:
    """Return a function that measures a call: its result (frames) per second.

    Args:
        play: The function to time.
        prepare: A function to call before the clock starts.
    """

    def measure() -> float:
        prepare()
        started = perf_counter()
        amount = play()
        return amount / (perf_counter() - started)

    return measure


def seconds(call: Callable[[], object]) -> float:
    """Return the duration of a call in seconds."""
    started = perf_counter()
    call()
    return perf_counter() - started


def ratio(figures: Figures, above: str, below: str) -> float:
    """Return the median over the repeats of the ratio of two alternatives."""
    return median(a / b for a, b in zip(figures[above], figures[below], strict=True))
