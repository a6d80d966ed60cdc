"""The methods of MCP, and those with which OpenEnv makes and ends sessions."""

from collections.abc import Callable
from contextlib import suppress
from typing import Final

from atari_cli.server.mcp.caller import VERSIONS, Caller
from atari_cli.server.mcp.tool import call
from atari_cli.server.mcp.tools import TOOLS
from atari_cli.version import __version__
from atari_cli.wire.json_text import Json, from_json

INSTRUCTIONS: Final = """\
You play Atari 2600 games on a real emulator that waits while you think.
1. list_games finds a game, game_info lists its actions, modes and what its memory says.
2. new_game starts it. Your client keeps the session, or else pass the session_id that it returns.
3. screen shows the picture. press plays: [{"action": "RIGHT", "steps": 10}, {"action": "FIRE"}].
   A step is 4 frames unless you chose another frameskip, so 15 steps are a second of play. Press
   few steps at a time where timing matters, or let stop_on end them; with_screen returns the
   picture at once.
4. Each result says score, lives, what happened at which step, and what is new on the screen: known
   values that changed, then things as "red to 67,133 (-16,+16)", which is the x and y of the left
   upper corner now and the pixels that it went right and down. x counts from the left, y from the
   top, everywhere in pixels of the unscaled screen, 160 a line.
5. Many games wait for FIRE to begin or to serve. save_state saves the game and restore_state goes
   back to it, to try something else. When the game is over, call new_game.
"""


class InvalidParams(Exception):
    """Raised when the parameters of a method are wrong."""


class InvalidRequest(Exception):
    """Raised when a method is not allowed here."""


def initialize(params: Json, caller: Caller) -> Json:
    """Return the version of the protocol: the client's if it is supported, else the newest.

    Args:
        params: The parameters of the request.
        caller: Its sender, whose version is set.

    Raises:
        InvalidParams: If the request names no version.
    """
    wanted = params.get("protocolVersion")
    if not isinstance(wanted, str):
        raise InvalidParams("protocolVersion must be a text, such as " + VERSIONS[0])
    caller.version = wanted if wanted in VERSIONS else VERSIONS[0]
    return {
        "protocolVersion": caller.version,
        "capabilities": {"tools": {"listChanged": False}},
        "serverInfo": {"name": "atari", "title": "Atari 2600 games", "version": __version__},
        "instructions": INSTRUCTIONS,
    }


def _call_tool(params: Json, caller: Caller) -> Json:
    name, arguments = params.get("name"), params.get("arguments") or {}
    tool = TOOLS.get(name) if isinstance(name, str) else None
    if tool is None:
        raise InvalidParams(f"unknown tool {str(name)[:100]!r}; tools/list has them all")
    if isinstance(arguments, str):  # some clients send JSON as text
        with suppress(ValueError):
            arguments = from_json(arguments)
    if not isinstance(arguments, dict):
        raise InvalidParams("arguments must be an object")
    if (identity := params.get("session_id")) is not None:  # where OpenEnv's clients have it
        caller = caller.about(str(identity))
    return call(tool, arguments, caller)


def _close_session(params: Json, caller: Caller) -> Json:
    session = caller.sessions.get(str(params.get("session_id")))
    if session is caller.own:
        raise InvalidRequest("a connection cannot close its own session; close the connection")
    if caller.sessions.end(session):
        return {"session_id": session.id, "closed": True}
    return {"session_id": session.id, "closed": False, "closing": True}


METHODS: Final[dict[str, Callable[[Json, Caller], Json]]] = {
    "initialize": initialize,
    "ping": lambda params, caller: {},
    "tools/list": lambda params, caller: {"tools": [tool.listed() for tool in TOOLS.values()]},
    "tools/call": _call_tool,
    "openenv/session/create": lambda params, caller: {"session_id": caller.open().id},
    "openenv/session/close": _close_session,
}
"""The function of each method; InvalidParams and AtariError mean wrong parameters."""
