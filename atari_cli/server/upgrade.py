"""From a request to open a WebSocket to its end: who may, and who answers its messages."""

import logging
from http import HTTPStatus
from time import monotonic
from typing import TYPE_CHECKING, Final

from websockets.exceptions import WebSocketException

from atari_cli.errors import CapacityReached, UnknownSession
from atari_cli.server import access, mcp
from atari_cli.server.atari_v1 import BinaryConversation
from atari_cli.server.conversation import Answer, Conversation, error
from atari_cli.server.encoding import is_compressed
from atari_cli.server.exchange import Context, Problem
from atari_cli.server.head import Head
from atari_cli.server.session import Session
from atari_cli.server.websocket import LINGER_SECONDS, WebSocket
from atari_cli.wire.binary import SUBPROTOCOL
from atari_cli.wire.text import Json, to_json

if TYPE_CHECKING:
    from atari_cli.server.handler import Handler

_log: Final = logging.getLogger("atari.server")


def serve_websocket(handler: "Handler", head: Head, request_id: str) -> None:
    """Serve a request to open a WebSocket, until that is closed.

    Raises:
        Problem: If it may not be opened.
    """
    context = handler.listener.context
    access.admit(head.headers, context.config, changes_something=True)
    if head.path not in {"/ws", "/mcp"}:
        raise Problem(HTTPStatus.FORBIDDEN, "there is no WebSocket here: use /ws")
    socket_ = WebSocket(
        handler.connection,
        head.raw,
        handler.take_rest(),
        (SUBPROTOCOL,) if head.path == "/ws" else (),
        compress=not handler.is_local,
    )
    handler.websocket = socket_
    context.metrics.count("atari_ws_connections")
    fields: Json = {"request_id": request_id, "peer": handler.peer, "path": head.path}
    _log.info("WebSocket %(path)s opened", fields, extra={"fields": fields})
    try:
        if head.path == "/ws":
            compress = is_compressed(head.query, handler.is_local)
            _converse(socket_, context, head.query.get("session_id"), compress)
        else:
            _serve_mcp(socket_, context)
    except (OSError, WebSocketException) as problem:
        _log.debug("a WebSocket was lost: %s", problem)
    finally:
        socket_.finish()
        context.metrics.count("atari_ws_connections", -1)
        fields = {**fields, "messages": socket_.received}
        text = "WebSocket %(path)s closed after %(messages)d messages"
        _log.info(text, fields, extra={"fields": fields})


def _converse(socket_: WebSocket, context: Context, identity: str | None, compress: bool) -> None:
    """Answer every frame about a session: a new one, or the one that the client names."""
    try:
        session = context.sessions.attach(identity) if identity else context.sessions.open()
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
    session.is_attached = True
    if socket_.subprotocol:
        conversation: Conversation = BinaryConversation(context, session, compress)
    else:
        conversation = Conversation(context, session)
    is_own, asked_to_close = identity is None, False
    try:
        for message in socket_.messages():
            session.last_used = monotonic()
            answer = conversation.answer(message)
            context.metrics.count_message(conversation.kind, answer.outcome, answer.size)
            if answer.reply:
                socket_.send(answer.reply, answer.is_binary)
            if answer.ends:
                asked_to_close = True
                # The place is free before the client hears that the connection is closed.
                _leave(context, session, is_own)
                socket_.close()
                return
    finally:
        if not asked_to_close:
            _leave(context, session, is_own)


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


def _leave(context: Context, session: Session, is_own: bool) -> None:
    session.is_attached = False
    if is_own or session.is_ending:
        context.sessions.close(session)


def _turn_away(socket_: WebSocket, answer: Answer) -> None:
    """Say why there is no session; older clients read it only if the close comes after a frame."""
    socket_.send(answer.reply)
    socket_.wait(LINGER_SECONDS)
    socket_.close()
