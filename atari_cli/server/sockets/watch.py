"""What is said on a WebSocket at /ws/watch: a key in, and the session that it opens out."""

from typing import Annotated

from pydantic import Field, ValidationError

from atari_cli.errors import InvalidSetting, SessionBusy, UnknownSession
from atari_cli.server.sessions.context import Context
from atari_cli.server.sessions.session import Session
from atari_cli.server.sockets.atari_v1 import Envelope, with_id
from atari_cli.server.sockets.openenv import Answer, Answering, error, read_data
from atari_cli.server.sockets.play import Closed, Seen
from atari_cli.server.sockets.screen_stream import Viewer
from atari_cli.server.transport.websocket import WebSocket
from atari_cli.wire.json_text import Json, to_json
from atari_cli.wire.models import error_list


class Watch(Closed):
    """The data of a `watch`."""

    key: Annotated[str, Field(max_length=100)]


class Watching(Answering):
    """Answers the frames of one connection that looks on at a session and can change nothing.

    Args:
        context: What requests are about.
        socket: Where the screens are sent.
    """

    def __init__(self, context: Context, socket: WebSocket) -> None:
        super().__init__(context)
        self.kinds |= {"watch": self._watch, "seen": self._see}
        self._socket = socket
        self._viewer: Viewer | None = None
        self._session: Session | None = None

    def answer_message(self, message: Json) -> Answer:
        """Return what follows a frame; the reply carries the request's id."""
        name = message.pop("id", None)
        beside = {} if name is None else {"id": name}
        try:
            Envelope.model_validate(beside)
        except ValidationError as problem:
            return error("VALIDATION_ERROR", "Invalid message", errors=error_list(problem))
        return with_id(super().answer_message(message), beside)

    def end(self) -> None:
        """Look on no more."""
        if self._viewer and self._session:
            self._viewer.stop()
            self._session.part(self._viewer.show)

    def _watch(self, message: Json) -> Answer:
        key = Watch.model_validate(read_data(message)).key
        if self._viewer:
            raise InvalidSetting("a connection watches one session: open another for the next")
        viewer = Viewer(self._socket, self.context.metrics)
        try:
            session = self.context.sessions.watched_by(key)
            session.join(viewer.show)
        except (UnknownSession, SessionBusy) as problem:
            return error("SESSION_ERROR", str(problem), ends=True)
        self._viewer, self._session = viewer, session
        # The reply goes first: then the screens may come.
        reply = to_json({"type": "watching", "data": {"is_played": session.player is not None}})
        return Answer((reply,), then=viewer.start)

    def _see(self, message: Json) -> Answer:
        seen = Seen.model_validate(read_data(message))
        if self._viewer:
            self._viewer.seen(seen.number)
        return Answer(())
