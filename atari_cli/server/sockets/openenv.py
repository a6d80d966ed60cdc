"""OpenEnv's dialect, spoken at /ws: text messages about one session."""

from collections.abc import Sequence

from atari_cli.model import AtariState, StepResult
from atari_cli.server import mcp
from atari_cli.server.sessions.context import Context
from atari_cli.server.sessions.session import Session
from atari_cli.server.sessions.view import Encode
from atari_cli.server.sockets.dialect import (
    CLOSE,
    Answer,
    MessageHandler,
    MessageHandlers,
    Wanted,
    read_action,
    text,
)
from atari_cli.wire.json_text import Json
from atari_cli.wire.openenv_json import result_json, state_json


class OpenEnvHandlers:
    """Answers messages in OpenEnv's dialect.

    Args:
        context: Server-wide state.
    """

    def __init__(self, context: Context) -> None:
        self._context = context

    def table(self) -> MessageHandlers:
        """Return the handlers by type."""
        return {
            "reset": MessageHandler(Wanted, _reset),
            "step": MessageHandler(read_action, _step),
            "state": MessageHandler(None, _state),
            "mcp": MessageHandler(dict, self._mcp),
            "close": CLOSE,
        }

    def _mcp(self, request: Json, session: Session) -> Answer:
        caller = mcp.Caller(self._context.sessions, session)
        # Each message has a reply, so that OpenEnv's clients do not wait for ever.
        nothing: Json = {"jsonrpc": "2.0", "id": None, "result": {}}
        return Answer(text("mcp", mcp.answer(request, caller) or nothing))


def _reset(wanted: Wanted, session: Session) -> Answer:
    encode = _encoder(session, wanted.ignored)
    return session.reset(encode, wanted.seed, wanted.episode_id, wanted.settings)


def _step(action: int, session: Session) -> Answer:
    return session.step(_encoder(session), action)


def _encoder(session: Session, ignored: Sequence[str] = ()) -> Encode[Answer]:
    def encode(result: StepResult, state: AtariState) -> Answer:
        pieces = result_json(result, state, session.earlier_frames, ignored)
        return Answer((b'{"type":"observation","data":', *pieces, b"}"))

    return encode


def _state(nothing: None, session: Session) -> Answer:
    return Answer((b'{"type":"state","data":%b}' % state_json(session.state()),))
