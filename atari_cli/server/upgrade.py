"""From a request to open a WebSocket to its end: who may, and who answers its messages."""

import logging
from http import HTTPStatus
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl, urlsplit

from websockets.exceptions import WebSocketException

from atari_cli.checks import is_loopback
from atari_cli.errors import CapacityReached, UnknownSession
from atari_cli.server import access, mcp
from atari_cli.server.atari_v1 import BinaryConversation
from atari_cli.server.conversation import Answer, Conversation, error
from atari_cli.server.encoding import is_compressed
from atari_cli.server.exchange import Context, Problem, Response
from atari_cli.server.sessions import Session
from atari_cli.server.websocket import LINGER_SECONDS, WebSocket
from atari_cli.wire.binary import SUBPROTOCOL
from atari_cli.wire.text import to_json

if TYPE_CHECKING:
    from atari_cli.server.handler import Handler

_log: Final = logging.getLogger("atari.server")


def serve_websocket(handler: "Handler") -> None:
    """Serve a request to open a WebSocket, until that is closed."""
    context = handler.listener.context
    refusal = refuse(handler)
    if refusal:
        handler.send(refusal)
        return
    try:
        socket_ = WebSocket(
            handler.connection,
            handler.head(),
            handler.take_rest(),
            (SUBPROTOCOL,) if urlsplit(handler.path).path == "/ws" else (),
            compress=not is_loopback(handler.client_address[0]),
        )
    except Problem as problem:
        handler.send(problem.response)
        return
    handler.listener.add(socket_)
    context.metrics.count("atari_ws_connections_total")
    url = urlsplit(handler.path)
    try:
        if url.path == "/ws":
            query = dict(parse_qsl(url.query))
            is_local = is_loopback(handler.client_address[0])
            _converse(socket_, context, query.get("session_id"), is_compressed(query, is_local))
        else:
            for message in socket_.messages():
                socket_.send(to_json(mcp.answer_text(message, context.sessions)))
    except (OSError, WebSocketException) as problem:
        _log.debug("a WebSocket was lost: %s", problem)
    finally:
        socket_.finish()
        handler.listener.remove(socket_)


def refuse(handler: "Handler") -> Response | None:
    """Return why a WebSocket may not be opened, None if it may."""
    config, headers = handler.listener.context.config, handler.lower_headers()
    refusal = access.check_host(headers, config) or access.check_token(headers, config)
    refusal = refusal or access.check_origin(headers, config)
    if refusal is None and urlsplit(handler.path).path not in {"/ws", "/mcp"}:
        refusal = access.Refusal(HTTPStatus.FORBIDDEN, "there is no WebSocket here: use /ws")
    return Problem(refusal.status, refusal.reason).response if refusal else None


def _converse(socket_: WebSocket, context: Context, identity: str | None, compress: bool) -> None:
    """Answer every frame about a session: a new one, or the one that the client names."""
    try:
        session = context.sessions.get(identity) if identity else context.sessions.open()
        if session.is_attached:
            raise UnknownSession(f"Session {identity} already has an attached WebSocket")
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
            answer = conversation.answer(message)
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


def _leave(context: Context, session: Session, is_own: bool) -> None:
    session.is_attached = False
    if is_own:
        context.sessions.close(session)


def _turn_away(socket_: WebSocket, answer: Answer) -> None:
    """Say why there is no session; older clients read it only if the close comes after a frame."""
    if answer.reply:
        socket_.send(answer.reply)
    socket_.wait(LINGER_SECONDS)
    socket_.close()
