"""The text that a language model reads in 100 decisions of Breakout over MCP."""

from typing import Any

from atari_cli.config import EnvironmentConfig
from atari_cli.server.mcp import Caller, answer, new_owner
from atari_cli.server.sessions.metrics import Metrics
from atari_cli.server.sessions.register import Sessions
from benchmarks.report import Row
from benchmarks.timing import Effort

DECISIONS = 100
BEFORE = 27_483
"""Characters of the same decisions at commit d218512, whose `press` had no `stop_on`."""


def text_of_decisions(effort: Effort) -> list[Row]:
    """Count the characters of the results; a quick run plays them all, too."""
    characters = characters_of(stop_on=["life", "reward"])
    what = f"characters that a model reads in {DECISIONS} decisions, over those of d218512"
    figures = {"atari mcp": [characters / DECISIONS], "d218512": [BEFORE / DECISIONS]}
    return [Row(what, characters / BEFORE, 0.5, figures, "characters a decision", at_most=True)]


def characters_of(**more: Any) -> int:
    """Return how many characters of text the results of `press` have; `more` are its arguments."""
    caller = Caller(Sessions(EnvironmentConfig(), 1, 60.0, 60.0, Metrics()), owner=new_owner())
    _call(caller, "new_game", game="breakout", seed=1)
    texts = []
    for _ in range(DECISIONS):
        texts.append(_call(caller, "press", actions=[_follow(caller)], **more))
    return sum(map(len, texts))


def _call(caller: Caller, tool: str, **arguments: Any) -> str:
    params = {"name": tool, "arguments": arguments}
    request = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
    reply: Any = answer(request, caller)
    assert not reply["result"]["isError"], reply
    return str(reply["result"]["content"][0]["text"])


def _follow(caller: Caller) -> dict[str, Any]:
    """Return the press that keeps the paddle below the ball, by addresses of the memory."""
    (session,) = caller.sessions.all()
    ram = session.read(lambda view: view.result.observation.ram.tolist())
    ball_x, ball_y, paddle_x = ram[99], ram[101], ram[72]
    if not ball_y:
        return {"action": "FIRE", "steps": 8}
    aside = ball_x - paddle_x - 9
    if abs(aside) < 8:
        return {"action": "NOOP", "steps": 2}
    return {"action": "RIGHT" if aside > 0 else "LEFT", "steps": 1 + abs(aside) // 24}
