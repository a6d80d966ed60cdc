"""The dialect spoken at /ws/watch: a key in, and the screens of its session out."""

from typing import Annotated

from pydantic import Field

from atari_cli.errors import InvalidSetting, SessionBusy, UnknownSession
from atari_cli.server.sessions.context import Context
from atari_cli.server.sockets.dialect import (
    CLOSE,
    SEEN,
    Answer,
    MessageHandler,
    MessageHandlers,
    error,
    text,
)
from atari_cli.server.sockets.play import NoOtherKeys, Seen
from atari_cli.server.sockets.screen_stream import ScreenStream
from atari_cli.server.transport.websocket import WebSocket


class Watch(NoOtherKeys):
    """The data of a `watch`."""

    key: Annotated[str, Field(max_length=100)]


class WatchHandlers:
    """Lets a connection watch one session, which it cannot change.

    Args:
        context: Server-wide state.
        socket: Where the screens are sent.
    """

    def __init__(self, context: Context, socket: WebSocket) -> None:
        self._context = context
        self._socket = socket
        self._stream: ScreenStream | None = None

    @property
    def is_watching(self) -> bool:
        """Whether the key of a session came."""
        return self._stream is not None

    def table(self) -> MessageHandlers:
        """Return the handlers by type."""
        return {
            "watch": MessageHandler(Watch.model_validate, self._watch),
            SEEN: MessageHandler(Seen.model_validate, self._see),
            "close": CLOSE,
        }

    def end(self) -> None:
        """Stop watching."""
        if self._stream:
            self._stream.stop()

    def _watch(self, watch: Watch, session: None) -> Answer:
        if self._stream:
            raise InvalidSetting("a connection watches one session: open another for the next")
        try:
            watched = self._context.sessions.watched_by(watch.key)
            stream = ScreenStream(self._socket, self._context.metrics, watched)
            stream.start()
        except (UnknownSession, SessionBusy) as problem:
            return error("SESSION_ERROR", str(problem), ends=True)
        self._stream = stream
        return Answer(text("watching", {"is_played": watched.is_played}))

    def _see(self, seen: Seen, session: None) -> Answer:
        if self._stream:
            self._stream.seen(seen.number)
        return Answer()
