"""OpenEnv's dialect, spoken at /ws: text messages about one session."""

from collections.abc import Sequence

from atari_cli.model import AtariState, StepResult
from atari_cli.server import mcp
from atari_cli.server.sessions.context import Context
from atari_cli.server.sessions.session import Session
from atari_cli.server.sessions.view import Encode
from atari_cli.server.sockets.dialect import (
    Answer,
    Call,
    Handlers,
    Wanted,
    close,
    read_action,
    text,
)
from atari_cli.wire.json_text import Json, Piece
from atari_cli.wire.openenv import result_json, state_json


class OpenEnvHandlers:
    """Answers messages in OpenEnv's dialect.

    Args:
        context: Server-wide state.
        session: The connection's own session, meant by a message that names none.
    """

    def __init__(self, context: Context, session: Session) -> None:
        self._context = context
        self._session = session

    def table(self) -> Handlers:
        """Return the handlers by type."""
        return {
            "reset": self._reset,
            "step": self._step,
            "state": self._state,
            "mcp": self._mcp,
            "close": close,
        }

    def _reset(self, call: Call) -> Answer:
        wanted = Wanted(call.data)
        session = call.session or self._session
        encode = _encoder(wanted.ignored)
        return Answer(session.reset(encode, wanted.seed, wanted.episode_id, wanted.settings))

    def _step(self, call: Call) -> Answer:
        session, action = call.session or self._session, read_action(call.data)
        with self._context.metrics.steps():
            return Answer(session.step(_encoder(), action))

    def _state(self, call: Call) -> Answer:
        session = call.session or self._session
        return Answer((b'{"type":"state","data":%b}' % state_json(session.state()),))

    def _mcp(self, call: Call) -> Answer:
        session = call.session or self._session
        caller = mcp.Caller(self._context.sessions, self._context.metrics, session)
        # Each message has a reply, so that OpenEnv's clients do not wait for ever.
        nothing: Json = {"jsonrpc": "2.0", "id": None, "result": {}}
        return Answer(text("mcp", mcp.answer(call.data, caller) or nothing))


def _encoder(ignored: Sequence[str] = ()) -> Encode[list[Piece]]:
    """Return a function that makes a message of a result."""

    def encode(result: StepResult, state: AtariState) -> list[Piece]:
        return [b'{"type":"observation","data":', *result_json(result, state, ignored), b"}"]

    return encode
