"""From a request to open a WebSocket to its end: who may, and who answers its messages."""

import logging
from http import HTTPStatus
from time import monotonic
from typing import TYPE_CHECKING, Final

from websockets.exceptions import WebSocketException

from atari_cli.errors import CapacityReached, SessionBusy, UnknownSession
from atari_cli.server import mcp
from atari_cli.server.routes.negotiation import is_compressed
from atari_cli.server.sessions.context import Context
from atari_cli.server.sessions.session import Session
from atari_cli.server.sockets.openenv import Answer, Answering, Conversation, error
from atari_cli.server.sockets.play import PlayConversation
from atari_cli.server.sockets.state_updates import Ui
from atari_cli.server.sockets.watch import Watching
from atari_cli.server.transport import access
from atari_cli.server.transport.messages import Problem, tab_owner
from atari_cli.server.transport.request_head import Head
from atari_cli.server.transport.websocket import LINGER_SECONDS, WebSocket
from atari_cli.wire.atari_v1 import SUBPROTOCOL
from atari_cli.wire.json_text import Json, to_json

if TYPE_CHECKING:
    from atari_cli.server.front.connection import Handler

TAKEN_OVER: Final = 4001
"""The code of a WebSocket that is closed because another has its session."""

_MOMENT: Final = 0.1
_PATHS: Final = {"/ws", "/mcp", "/ws/watch", "/ws/ui"}

_log: Final = logging.getLogger("atari.server")


def serve_websocket(handler: "Handler", head: Head, request_id: str) -> None:
    """Serve a request to open a WebSocket, until that is closed.

    Raises:
        Problem: If it may not be opened.
    """
    context = handler.listener.context
    access.admit(head.headers, context.config, changes_something=True)
    if head.path not in _PATHS or (head.path == "/ws/ui" and not context.config.web):
        raise Problem(HTTPStatus.FORBIDDEN, "there is no WebSocket here: use /ws")
    owner = "token" if context.config.token else handler.peer
    tab = _tab(context, head, owner) if head.path == "/ws/ui" else None
    socket_ = WebSocket(
        handler.connection,
        head.raw,
        handler.take_rest(),
        (SUBPROTOCOL,) if head.path in {"/ws", "/ws/watch"} else (),
        compress=not handler.is_local,
    )
    handler.websocket = socket_
    context.metrics.ws_connections.inc()
    fields: Json = {"request_id": request_id, "peer": handler.peer, "path": head.path}
    _log.info("WebSocket %(path)s opened", fields, extra={"fields": fields})
    try:
        if head.path == "/ws":
            compress = is_compressed(head.query, handler.is_local)
            _converse(socket_, context, head.query.get("session_id"), compress)
        elif head.path == "/ws/watch":
            _speak(socket_, context, Watching(context, socket_))
        elif tab:
            _speak(socket_, context, Ui(context, socket_, tab))
        else:
            _serve_mcp(socket_, context)
    except (OSError, WebSocketException, UnknownSession, SessionBusy) as problem:
        _log.debug("a WebSocket was lost: %s", problem)
    finally:
        socket_.finish()
        context.metrics.ws_connections.dec()
        fields = {**fields, "messages": socket_.received}
        text = "WebSocket %(path)s closed after %(messages)d messages"
        _log.info(text, fields, extra={"fields": fields})


class _Holder:
    """What a session knows of the WebSocket that has it."""

    def __init__(self, socket_: WebSocket) -> None:
        self._socket = socket_

    def dismiss(self) -> None:
        """Close it: another has the session."""
        self._socket.close(TAKEN_OVER, "another connection has the session", _MOMENT)
        self._socket.break_off()


def _turn_away(socket_: WebSocket, answer: Answer) -> None:
    """Say why there is no session; older clients read it only if the close comes after a frame."""
    socket_.send(answer.reply)
    socket_.wait(LINGER_SECONDS)
    socket_.close()


def _converse(socket_: WebSocket, context: Context, identity: str | None, compress: bool) -> None:
    """Answer every frame about a session: a new one, or the one that the client names."""
    try:
        if identity:
            holder = _Holder(socket_)
            session = context.sessions.attach(identity, holder, bool(socket_.subprotocol))
        else:
            session = context.sessions.open()
            session.is_of_socket = True
            holder = session.holder = _Holder(socket_)
    except CapacityReached as full:
        _turn_away(
            socket_,
            error(
                "CAPACITY_REACHED",
                str(full),
                active_sessions=full.active,
                max_sessions=full.most,
            ),
        )
        return
    except UnknownSession as unknown:
        _turn_away(socket_, error("SESSION_ERROR", str(unknown)))
        return
    if socket_.subprotocol:
        conversation: Conversation = PlayConversation(context, session, compress, socket_)
    else:
        conversation = Conversation(context, session)
    asked_to_close = False
    try:
        for message in socket_.messages():
            session.last_used = monotonic()
            asked_to_close = _answer(socket_, context, conversation, message)
            if asked_to_close:
                break
    finally:
        conversation.end()
        # The place is free before the client hears that the connection is closed.
        if session.holder is holder:  # else another has taken it over
            _leave(context, session, asked_to_close)
    if asked_to_close:
        socket_.close()


def _serve_mcp(socket_: WebSocket, context: Context) -> None:
    """Answer every frame as JSON-RPC; the game that is played so ends with the connection."""
    caller = mcp.Caller(context.sessions, context.metrics, owner=mcp.new_owner())
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


def _speak(socket_: WebSocket, context: Context, conversation: Answering) -> None:
    """Answer every frame of a connection that has no session."""
    asked_to_close = False
    try:
        for message in socket_.messages():
            asked_to_close = _answer(socket_, context, conversation, message)
            if asked_to_close:
                break
    finally:
        conversation.end()
    if asked_to_close:
        socket_.close()


def _answer(
    socket_: WebSocket, context: Context, conversation: Answering, message: str | bytes
) -> bool:
    """Answer a frame; return whether the connection is to be closed."""
    answer = conversation.answer(message)
    context.metrics.count_message(conversation.kind, answer.outcome, answer.size)
    if answer.reply:
        socket_.send(answer.reply, answer.is_binary)
    if answer.then:
        answer.then()
    return answer.ends


def _leave(context: Context, session: Session, asked_to_close: bool) -> None:
    """Let a session be without its WebSocket; one that was played waits for that to come back."""
    session.holder = None
    session.last_used = monotonic()
    session.is_lost = session.is_of_socket and session.player is not None and not asked_to_close
    if session.is_ending or (session.is_of_socket and not session.is_lost):
        context.sessions.close(session)
