"""The dialect spoken at /ws/watch: a key in, and the screens of its session out."""

from typing import Annotated

from pydantic import Field

from atari_cli.errors import InvalidSetting, SessionBusy, UnknownSession
from atari_cli.server.sessions.context import Context
from atari_cli.server.sockets.dialect import Answer, Call, Handlers, close, error, text
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

    def table(self) -> Handlers:
        """Return the handlers by type."""
        return {"watch": self._watch, "seen": self._see, "close": close}

    def end(self) -> None:
        """Stop watching."""
        if self._stream:
            self._stream.stop()

    def _watch(self, call: Call) -> Answer:
        key = Watch.model_validate(call.data).key
        if self._stream:
            raise InvalidSetting("a connection watches one session: open another for the next")
        try:
            session = self._context.sessions.watched_by(key)
            stream = ScreenStream(self._socket, self._context.metrics, session)
            stream.start()
        except (UnknownSession, SessionBusy) as problem:
            return error("SESSION_ERROR", str(problem), ends=True)
        self._stream = stream
        return Answer(text("watching", {"is_played": session.lifecycle.is_played}))

    def _see(self, call: Call) -> Answer:
        seen = Seen.model_validate(call.data)
        if self._stream:
            self._stream.seen(seen.number)
        return Answer()
