"""A server's life: start, serve, and a clean end at the first signal to end."""

import logging
import os
import signal
import threading
from collections.abc import Callable
from contextlib import suppress
from time import monotonic
from typing import Final

from atari_cli.config import EnvironmentConfig, ServeConfig
from atari_cli.server.front.listener import Listener
from atari_cli.server.sessions.context import Context
from atari_cli.server.sessions.metrics import Metrics
from atari_cli.server.sessions.register import Sessions
from atari_cli.system.memory import return_freed_memory
from atari_cli.system.signals import ENDING, captured
from atari_cli.validation import check_type

DRAIN_SECONDS: Final = 1.5
_TICK_SECONDS: Final = 1.0
_OPEN_FILES: Final = 10_240
"""The most that macOS allows a process whose own limit is higher or infinite."""

_log: Final = logging.getLogger("atari.server")


class Server:
    """A server that listens; a `with` block serves in other threads until it ends.

    Args:
        config: The address, and who is let in.
        environment: The settings of a session that is opened without any.

    Attributes:
        url: Its URL.

    Raises:
        ServerError: If the address cannot be listened on.
        InvalidSetting: If a setting of the environment is wrong.
    """

    def __init__(self, config: ServeConfig, environment: EnvironmentConfig) -> None:
        check_type("config", config, ServeConfig)
        check_type("environment", environment, EnvironmentConfig)
        metrics = Metrics()
        limits = config.max_sessions, config.idle_timeout, config.keep_lost
        sessions = Sessions(environment, *limits, metrics)
        self._context = Context(config, sessions, metrics)
        self._listener = Listener(self._context)
        self._stopped = threading.Event()
        self.url = self._listener.url

    def __enter__(self) -> "Server":
        for target in (self._listener.listen, self._reap_loop):
            threading.Thread(target=target, daemon=True).start()
        return self

    def __exit__(self, *error: object) -> None:
        self.stop()

    @property
    def sessions(self) -> Sessions:
        """The sessions."""
        return self._context.sessions

    def stop(self) -> None:
        """Accept no more connections, close the WebSockets, and end every session."""
        if self._stopped.is_set():
            return
        due = monotonic() + DRAIN_SECONDS
        self._context.is_stopping = True
        self._stopped.set()
        self._listener.stop(DRAIN_SECONDS)
        # A busy session ends with its request, for which nothing waits any more.
        closing = threading.Thread(target=self._close_sessions, daemon=True)
        closing.start()
        closing.join(max(0.1, due - monotonic()))

    def wait(self) -> None:
        """Wait until the server is stopped."""
        _wait(self._stopped)

    def _reap_loop(self) -> None:
        """Periodically end idle sessions, and WebSockets that have none."""
        had_sessions = False
        while not self._stopped.wait(_TICK_SECONDS):
            try:
                self.sessions.reap(monotonic())
                self._listener.end_idle(monotonic())
            except Exception:  # the others still end
                _log.exception("a session failed to end")
            has_sessions = len(self.sessions) > 0
            if had_sessions and not has_sessions:
                return_freed_memory()
            had_sessions = has_sessions

    def _close_sessions(self) -> None:
        for session in self.sessions.all():
            self.sessions.close(session)


def serve(
    config: ServeConfig, environment: EnvironmentConfig, ready: Callable[[str], None]
) -> None:
    """Serve until Ctrl-C or a signal of `ENDING`; a second one ends the process at once.

    Args:
        config: The address, and who is let in.
        environment: The settings of a session that is opened without any.
        ready: Called with the URL once the server listens.

    Raises:
        ServerError: If the address cannot be listened on.
        InvalidSetting: If a setting of the environment is wrong.
    """
    _allow_many_connections()
    wanted = threading.Event()

    def stop(number: int, frame: object) -> None:
        if wanted.is_set():
            os._exit(128 + number)
        wanted.set()

    always = (signal.SIGINT, signal.SIGTERM)
    with (
        captured(ENDING, stop),
        captured(always, stop, even_ignored=True),
        Server(config, environment) as server,
    ):
        ready(server.url)
        _wait(wanted)


def _wait(event: threading.Event) -> None:
    """Wait for an event; on Windows, Ctrl-C cannot end a wait that has no timeout."""
    while not event.wait(_TICK_SECONDS):
        pass


def _allow_many_connections() -> None:
    """Raise the limit of open files as far as the system allows."""
    with suppress(ImportError, OSError, ValueError):
        import resource

        soft, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        some = _OPEN_FILES if most == resource.RLIM_INFINITY else min(most, _OPEN_FILES)
        for limit in (most, max(soft, some)):
            with suppress(OSError, ValueError):
                resource.setrlimit(resource.RLIMIT_NOFILE, (limit, most))
                return
