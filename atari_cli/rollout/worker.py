"""A worker process of `LocalBackend`: orders on standard input, reports on standard output."""

import os
import pickle
import sys
from contextlib import suppress
from queue import Queue
from threading import Thread
from typing import Any, BinaryIO

from atari_cli.errors import AtariError
from atari_cli.rollout.work import Advance, EpisodePlayer, unpack_spec
from atari_cli.sink import Sink
from atari_cli.system.signals import ignore_ctrl_break


def serve() -> None:
    """Carry out orders until they end: a packed spec, its tasks, then perhaps another spec."""
    ignore_ctrl_break()
    pipe, reports = _take_pipes()
    orders: Queue[Any] = Queue()
    Thread(target=_listen, args=(pipe, orders), daemon=True).start()
    player: EpisodePlayer | None = None
    with suppress(BrokenPipeError):
        for order in iter(orders.get, None):
            report: object = None
            try:
                if isinstance(order, bytes):
                    player = EpisodePlayer(unpack_spec(order), [reports])
                elif player is not None:
                    report = player.play(order)
            except AtariError as error:
                report = error
            # Before the report: after the last one, the orders end at once.
            orders.task_done()
            if report is not None:
                reports.send(report)


class _Reports(Sink):
    """Sends the worker's reports; as a sink it reports the progress within an episode."""

    def __init__(self, pipe: BinaryIO) -> None:
        self._pipe = pipe

    def send(self, report: object) -> None:
        self._pipe.write(pickle.dumps(report))
        self._pipe.flush()

    def advance(self, steps: int) -> None:
        self.send(Advance(steps))


def _take_pipes() -> tuple[BinaryIO, _Reports]:
    """Return the pipes of orders and reports, and keep the policy's own input and output off them.

    A policy reads an empty input, and its output goes to standard error.
    """
    del sys.argv[1:]
    orders = os.fdopen(os.dup(0), "rb")
    reports = os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    return orders, _Reports(reports)


def _listen(pipe: BinaryIO, orders: "Queue[Any]") -> None:
    """Pass the orders on; if they end before all are carried out, the parent is gone."""
    with suppress(EOFError, pickle.UnpicklingError):
        while True:
            orders.put(pickle.load(pipe))
    if orders.unfinished_tasks:
        os._exit(1)
    orders.put(None)
