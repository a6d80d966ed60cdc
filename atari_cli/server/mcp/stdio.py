"""MCP over standard input and output: one message per line, one client."""

import logging
from typing import BinaryIO, Final

from atari_cli.config import EnvironmentConfig
from atari_cli.server.mcp.caller import Caller, new_owner
from atari_cli.server.mcp.rpc import INVALID_REQUEST, JsonReply, answer_text, error
from atari_cli.server.sessions.metrics import Metrics
from atari_cli.server.sessions.register import Sessions
from atari_cli.wire.json_text import to_json

MOST_BYTES: Final = 1 << 20
"""Bytes of a line without its end."""

MOST_SESSIONS: Final = 16

_log: Final = logging.getLogger("atari.server")


def serve_mcp(environment: EnvironmentConfig, source: BinaryIO, sink: BinaryIO) -> None:
    """Answer line by line until the input ends.

    Args:
        environment: The default settings of a game.
        source: The messages.
        sink: Receives the replies and nothing else.

    Raises:
        InvalidSetting: If a setting of the environment is wrong.
        BrokenPipeError: If the client no longer reads the replies.
    """
    sessions = Sessions(environment, MOST_SESSIONS, float("inf"), 0.0, Metrics())
    caller = Caller(sessions, owner=new_owner())
    _log.info("MCP on standard input and output")
    while line := source.readline(MOST_BYTES + 1):
        reply = _answer(line, source, caller)
        if reply is not None:
            sink.write(to_json(reply) + b"\n")
            sink.flush()


def _answer(line: bytes, source: BinaryIO, caller: Caller) -> JsonReply:
    if len(line) > MOST_BYTES and not line.endswith(b"\n"):
        while line and not line.endswith(b"\n"):
            line = source.readline(MOST_BYTES)
        return error(None, INVALID_REQUEST, f"a message has at most {MOST_BYTES} bytes")
    return answer_text(line, caller) if line.strip() else None
