"""A WebSocket from the request that opens it to its end: who may open it, and who answers."""

import logging
import socket
from collections.abc import Mapping
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
from atari_cli.server.transport.client import Client
from atari_cli.server.transport.messages import Problem, tab_owner
from atari_cli.server.transport.request_head import Head
from atari_cli.server.transport.websocket import LINGER_SECONDS, WebSocket
from atari_cli.wire.atari_v1 import SUBPROTOCOL
from atari_cli.wire.json_text import Json, to_json

IDLE_SECONDS: Final = 60.0
"""For a WebSocket without a session; until its first message a session is kept as long."""

_PATHS: Final = {"/ws", "/mcp", "/ws/watch", "/ws/ui"}

_log: Final = logging.getLogger("atari.server")


class Peer(NamedTuple):
    """The other end of a connection.

    Attributes:
        connection: The connection.
        rest: Bytes that were read beyond the request's head.
        client: Who it is.
    """

    connection: socket.socket
    rest: bytes
    client: Client


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
        # A watcher has the session's key.
        access.admit(_with_token(head), context.config, has_key=head.path == "/ws/watch")
        if head.path not in _PATHS or (head.path == "/ws/ui" and not context.config.web):
            raise Problem(HTTPStatus.FORBIDDEN, "there is no WebSocket here: use /ws")
        if "resume" in head.query:
            _check_open(context, head)
        self._context, self._peer, self._head = context, peer, head
        self._has_session = self._watches = _no
        self._since = 0.0  # when it last had a session
        self._tab = _tab(context, head, peer.client) if head.path == "/ws/ui" else None
        self.socket = WebSocket(
            peer.connection,
            head,
            peer.rest,
            (SUBPROTOCOL,) if head.path in {"/ws", "/ws/watch"} else (),
            compress=not peer.client.is_local,
            pinging=(context.config.ping_interval, context.config.ping_timeout),
        )

    def serve(self, request_id: str) -> None:
        """Serve the WebSocket until it is closed.

        Args:
            request_id: The id of the request, for the log.
        """
        metrics, path = self._context.metrics, self._head.path
        metrics.ws_connections.inc()
        fields: Json = {"request_id": request_id, "peer": self._peer.client.address, "path": path}
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

    def waits_since(self) -> float | None:
        """Return since when it waits for its peer, None if it has a session that it plays."""
        return None if self._has_session() else self.socket.last_heard

    def is_idle(self, now: float) -> bool:
        """Return whether it has had no session and sent nothing for too long.

        Args:
            now: The time, on the clock of `time.monotonic`; it is asked regularly.
        """
        if self._has_session() or self._watches():
            self._since = now
        return max(self._since, self.socket.last_heard) < now - IDLE_SECONDS

    def _converse(self) -> None:
        if self._head.path == "/ws":
            self._play()
        elif self._head.path == "/ws/watch":
            self._watch()
        elif self._tab:
            self._watches = self._tab.has_not_ended
            push_updates(self.socket, self._context.metrics, self._tab)
        else:
            self._serve_mcp()

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
        self._has_session = session.has_not_ended
        player = PlayHandlers(self._context, session, self.socket)
        said_farewell = False
        try:
            responder = self._responder(session, player)
            said_farewell = responder.converse(self.socket, self._context.metrics)
        finally:
            player.end()
            # Clients of plain OpenEnv do not know the id, so none of them could come back.
            has_episode = self._is_ours and session.episodes > 0
            is_lost = has_episode and self._may_return and not said_farewell
            # The place is free before the client hears that the connection is closed.
            self._context.sessions.detach(session, self.socket, is_lost)
        if said_farewell:
            self.socket.close()

    @property
    def _is_ours(self) -> bool:
        """Whether the client speaks `atari.v1`."""
        return self.socket.subprotocol is not None

    @property
    def _may_return(self) -> bool:
        """Whether the peer is gone without having closed the WebSocket on purpose."""
        return self._context.config.keep_lost > 0 and not self.socket.was_closed

    def _attach(self) -> Session:
        sessions, identity = self._context.sessions, self._head.query.get("session_id")
        if not identity:
            return sessions.open_for(self.socket)
        returns = "resume" in self._head.query or sessions.get(identity).is_played
        return sessions.attach(identity, self.socket, takes_over=self._is_ours and returns)

    def _watch(self) -> None:
        """Answer the messages of a spectator."""
        handlers = WatchHandlers(self._context, self.socket)
        self._watches = lambda: handlers.is_watching
        try:
            responder = Responder(handlers.table(), has_ids=True)
            said_farewell = responder.converse(self.socket, self._context.metrics)
        finally:
            handlers.end()
        if said_farewell:
            self.socket.close()

    def _serve_mcp(self) -> None:
        """Answer every message as JSON-RPC; the game that it plays ends with the connection.

        If that is lost, the game is kept for a while, for anyone who passes its id to a tool.
        """
        sessions, owner = self._context.sessions, mcp.new_owner()
        caller = mcp.Caller(sessions, owner=owner)
        try:
            for message in self.socket.messages():
                reply = mcp.answer_text(message, caller)
                if session := sessions.owned(owner):
                    self._has_session = session.has_not_ended
                if reply is not None:
                    self.socket.send((to_json(reply),))
        finally:
            session = sessions.owned(owner)
            if session and self._may_return:
                session.lose()
            else:
                caller.end()

    def _responder(self, session: Session, player: PlayHandlers) -> Responder:
        """Return a responder in the dialect that the client chose."""
        handlers, find = OpenEnvHandlers(self._context).table(), self._context.sessions.get
        if not self._is_ours:
            return Responder(handlers, session)
        compress = is_compressed(self._head.query, self._peer.client.is_local)
        handlers = {**handlers, **AtariV1Handlers(find, compress).table(), **player.table()}
        return Responder(handlers, session, has_ids=True, find=find)


def _check_open(context: Context, head: Head) -> None:
    """Refuse a client that comes back too late: after the handshake it would be one of many errors.

    Raises:
        Problem: If its session has ended.
    """
    try:
        context.sessions.get(head.query.get("session_id", ""))
    except UnknownSession as unknown:
        raise Problem(HTTPStatus.NOT_FOUND, str(unknown)) from None


def _no() -> bool:
    return False


def _turn_away(socket_: WebSocket, answer: Answer) -> None:
    """Send the reason why there is no session.

    Older clients read it only if the close comes after they have sent a message.
    """
    socket_.send(answer.text)
    socket_.wait(LINGER_SECONDS)
    socket_.close()


def _with_token(head: Head) -> Mapping[str, str]:
    """Return the headers, with the token that a page of another origin has to put into the query.

    Browsers let no page send a header with a WebSocket, nor a cookie of another site.
    """
    if "origin" not in head.headers or "token" not in head.query:
        return head.headers
    return {**head.headers, "authorization": f"Bearer {head.query['token']}"}


def _tab(context: Context, head: Head, client: Client) -> Session:
    """Return the session of a browser's tab, or the one that is named.

    Raises:
        Problem: If there is none.
    """
    try:
        identity = head.query.get("session_id")
        if identity is not None:
            return context.sessions.get(identity)
        return context.sessions.default(tab_owner(client.owner, head.query.get("tab", "")))
    except (UnknownSession, CapacityReached) as problem:
        raise Problem(HTTPStatus.NOT_FOUND, str(problem)) from None
