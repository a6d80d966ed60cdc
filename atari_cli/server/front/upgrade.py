"""A WebSocket from the request that opens it to its end: who may open it, and who answers."""

import logging
import socket
from http import HTTPStatus
from typing import Final, NamedTuple

from websockets.exceptions import WebSocketException

from atari_cli.errors import CapacityReached, SessionBusy, UnknownSession
from atari_cli.server import mcp
from atari_cli.server.routes.negotiation import is_compressed
from atari_cli.server.sessions.context import Context
from atari_cli.server.sessions.session import Session
from atari_cli.server.sockets.atari_v1 import AtariV1Handlers
from atari_cli.server.sockets.dialect import Answer, Responder, error
from atari_cli.server.sockets.openenv import OpenEnvHandlers
from atari_cli.server.sockets.play import PlayHandlers
from atari_cli.server.sockets.state_updates import push_updates
from atari_cli.server.sockets.watch import WatchHandlers
from atari_cli.server.transport import access
from atari_cli.server.transport.messages import Problem, tab_owner
from atari_cli.server.transport.request_head import Head
from atari_cli.server.transport.websocket import LINGER_SECONDS, WebSocket
from atari_cli.wire.atari_v1 import SUBPROTOCOL
from atari_cli.wire.json_text import Json, to_json

_PATHS: Final = {"/ws", "/mcp", "/ws/watch", "/ws/ui"}

_log: Final = logging.getLogger("atari.server")


class Peer(NamedTuple):
    """The other end of a connection.

    Attributes:
        connection: The connection.
        rest: Bytes that were read beyond the request's head.
        address: Its address.
        is_local: Whether it is on this machine.
    """

    connection: socket.socket
    rest: bytes
    address: str
    is_local: bool


class Upgrade:
    """A connection that becomes a WebSocket.

    Args:
        context: Server-wide state.
        peer: The other end.
        head: The head of the request.

    Attributes:
        socket: The WebSocket.

    Raises:
        Problem: If it may not be opened.
    """

    def __init__(self, context: Context, peer: Peer, head: Head) -> None:
        access.admit(head.headers, context.config, changes_something=True)
        if head.path not in _PATHS or (head.path == "/ws/ui" and not context.config.web):
            raise Problem(HTTPStatus.FORBIDDEN, "there is no WebSocket here: use /ws")
        owner = "token" if context.config.token else peer.address
        self._context, self._peer, self._head = context, peer, head
        self._tab = _tab(context, head, owner) if head.path == "/ws/ui" else None
        self.socket = WebSocket(
            peer.connection,
            head,
            peer.rest,
            (SUBPROTOCOL,) if head.path in {"/ws", "/ws/watch"} else (),
            compress=not peer.is_local,
        )

    def serve(self, request_id: str) -> None:
        """Serve the WebSocket until it is closed.

        Args:
            request_id: The id of the request, for the log.
        """
        metrics, path = self._context.metrics, self._head.path
        metrics.ws_connections.inc()
        fields: Json = {"request_id": request_id, "peer": self._peer.address, "path": path}
        _log.info("WebSocket %(path)s opened", fields, extra={"fields": fields})
        try:
            self._converse()
        except (OSError, WebSocketException, UnknownSession, SessionBusy) as problem:
            _log.debug("a WebSocket was lost: %s", problem)
        finally:
            self.socket.finish()
            metrics.ws_connections.dec()
            fields = {**fields, "messages": self.socket.received}
            text = "WebSocket %(path)s closed after %(messages)d messages"
            _log.info(text, fields, extra={"fields": fields})

    def _converse(self) -> None:
        if self._head.path == "/ws":
            self._play()
        elif self._head.path == "/ws/watch":
            _watch(self.socket, self._context)
        elif self._tab:
            push_updates(self.socket, self._context.metrics, self._tab)
        else:
            _serve_mcp(self.socket, self._context)

    def _play(self) -> None:
        """Answer messages about a session: a new one, or the one that the client names."""
        try:
            session = self._attach()
        except CapacityReached as full:
            counts: Json = {"active_sessions": full.active, "max_sessions": full.most}
            _turn_away(self.socket, error("CAPACITY_REACHED", str(full), **counts))
            return
        except UnknownSession as unknown:
            _turn_away(self.socket, error("SESSION_ERROR", str(unknown)))
            return
        player = PlayHandlers(self._context, session, self.socket)
        said_farewell = False
        try:
            responder = self._responder(session, player)
            said_farewell = responder.converse(self.socket, self._context.metrics)
        finally:
            player.end()
            # The place is free before the client hears that the connection is closed.
            self._context.sessions.detach(session, self.socket, said_farewell)
        if said_farewell:
            self.socket.close()

    def _attach(self) -> Session:
        sessions, identity = self._context.sessions, self._head.query.get("session_id")
        if identity:
            return sessions.attach(identity, self.socket, bool(self.socket.subprotocol))
        return sessions.open_for(self.socket)

    def _responder(self, session: Session, player: PlayHandlers) -> Responder:
        """Return a responder in the dialect that the client chose."""
        handlers, find = OpenEnvHandlers(self._context).table(), self._context.sessions.get
        if not self.socket.subprotocol:
            return Responder(handlers, session)
        compress = is_compressed(self._head.query, self._peer.is_local)
        handlers = {**handlers, **AtariV1Handlers(find, compress).table(), **player.table()}
        return Responder(handlers, session, has_ids=True, find=find)


def _turn_away(socket_: WebSocket, answer: Answer) -> None:
    """Send the reason why there is no session.

    Older clients read it only if the close comes after they have sent a message.
    """
    socket_.send(answer.text)
    socket_.wait(LINGER_SECONDS)
    socket_.close()


def _watch(socket_: WebSocket, context: Context) -> None:
    """Answer the messages of a spectator."""
    handlers = WatchHandlers(context, socket_)
    try:
        said_farewell = Responder(handlers.table(), has_ids=True).converse(socket_, context.metrics)
    finally:
        handlers.end()
    if said_farewell:
        socket_.close()


def _serve_mcp(socket_: WebSocket, context: Context) -> None:
    """Answer every message as JSON-RPC; the game that it plays ends with the connection."""
    caller = mcp.Caller(context.sessions, owner=mcp.new_owner())
    try:
        for message in socket_.messages():
            reply = mcp.answer_text(message, caller)
            if reply is not None:
                socket_.send((to_json(reply),))
    finally:
        caller.end()


def _tab(context: Context, head: Head, owner: str) -> Session:
    """Return the session of a browser's tab, or the one that is named.

    Raises:
        Problem: If there is none.
    """
    try:
        identity = head.query.get("session_id")
        if identity is not None:
            return context.sessions.get(identity)
        return context.sessions.default(tab_owner(owner, head.query.get("tab", "")))
    except (UnknownSession, CapacityReached) as problem:
        raise Problem(HTTPStatus.NOT_FOUND, str(problem)) from None
