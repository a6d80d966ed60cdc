"""The Model Context Protocol: a language model lists games, plays them and looks at the screen.

`rpc` reads and answers JSON-RPC, `methods` are what it may ask, `tools` what a model may call. They
know no transport: `over_http` is /mcp, `stdio` is `atari mcp`, and WebSockets bring their messages.
"""

from atari_cli.server.mcp.caller import Caller, new_owner
from atari_cli.server.mcp.rpc import answer, answer_text

__all__ = ["Caller", "answer", "answer_text", "new_owner"]
