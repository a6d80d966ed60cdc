"""A client's own server: started at its first call, and stopped when it is closed."""

import asyncio
import inspect
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from typing import Any

from atari_cli.errors import InvalidSetting


class Launch:
    """A server that the clients of one program share, which any of them may start.

    Args:
        start: Starts the server and returns its URL once it answers; gives up when another thread
            sets the event.
        stop: Stops the server, also one that failed to start.
        url: The URL of the server, if it runs already.

    Attributes:
        url: The URL of the server; None while it does not run.
    """

    def __init__(
        self,
        start: Callable[[threading.Event], str],
        stop: Callable[[], object],
        url: str | None = None,
    ) -> None:
        self._start, self._stop = start, stop
        self.url = url
        self._is_due = url is not None  # to be stopped: also after a stop that failed
        self._guard = threading.Lock()

    def start(self, cancelled: threading.Event | None = None) -> None:
        """Start the server, if it does not run.

        The function that starts the server may raise any error. If the server cannot be stopped
        afterwards, it is stopped before the next start.

        Args:
            cancelled: Another thread sets it to make this one give up.
        """
        with self._guard:
            if self.url is not None:
                return
            self._stop_now()
            self._is_due = True
            try:
                self.url = self._start(cancelled or threading.Event())
            except BaseException:
                with suppress(Exception):  # the first error is the one to report
                    self._stop_now()
                raise

    async def start_awaited(self) -> None:
        """Start the server in another thread, as `start` does; if cancelled, stop it."""
        if self.url is not None:
            return
        cancelled = threading.Event()
        starting = asyncio.ensure_future(asyncio.to_thread(self.start, cancelled))
        try:
            await asyncio.shield(starting)
        except asyncio.CancelledError:
            cancelled.set()
            with suppress(Exception):
                # It may have started just before it was cancelled.
                await starting
                self.stop()
            raise

    def stop(self) -> None:
        """Stop the server, if it runs; the next call of a client starts it again."""
        with self._guard:
            self._stop_now()

    def _stop_now(self) -> None:
        self.url = None
        if self._is_due:
            self._stop()
            self._is_due = False


def launched_by(
    provider: Any, *given: Any, url: str | None = None, named: Mapping[str, Any] | None = None
) -> Launch:
    """Return the server that a provider of OpenEnv starts.

    Args:
        provider: An object with `start_container`, `wait_for_ready` and `stop_container`, or with
            `start`, `wait_for_ready` and `stop`.
        given: What it is started with.
        url: The URL of the server, if it runs already.
        named: Further arguments to start it with.

    Raises:
        InvalidSetting: If the provider has none of these methods, or they take other arguments.
    """
    for ending in ("_container", ""):
        start = getattr(provider, f"start{ending}", None)
        stop = getattr(provider, f"stop{ending}", None)
        if callable(start) and callable(stop):
            break
    else:
        expected = "start_container() and stop_container(), or start() and stop()"
        raise InvalidSetting(f"a provider has {expected}, got {provider!r}")
    run = partial(start, *given, **named or {})
    takes_url = bool(ending)
    if url is None:
        _check_arguments(run)

    def begin(cancelled: threading.Event) -> str:
        found = str(run())
        provider.wait_for_ready(*([found] if takes_url else []))
        return found

    return Launch(begin, stop, url)


def _check_arguments(run: "partial[Any]") -> None:
    """Raise InvalidSetting if a provider cannot be started with its arguments."""
    try:
        inspect.signature(run.func).bind(*run.args, **run.keywords)
    except TypeError as error:
        name = f"{type(getattr(run.func, '__self__', run.func)).__name__}.{run.func.__name__}"
        raise InvalidSetting(
            f"{name} cannot be called this way ({error}): give its arguments to "
            "from_docker_image, or start the server yourself and give its base_url"
        ) from None
    except ValueError:
        pass  # what has no signature is called as it is
