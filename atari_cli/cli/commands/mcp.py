"""`atari mcp`: games for a language model, over standard input and output."""

import signal
import sys
from io import BytesIO
from typing import Annotated, BinaryIO, NoReturn

from atari_cli.cli.options import LOG_LEVEL, takes_environment
from atari_cli.cli.output import note, stdout_reserved
from atari_cli.config import EnvironmentConfig, ServeConfig
from atari_cli.system.signals import captured


@takes_environment
def mcp(
    environment: EnvironmentConfig,
    log_level: Annotated[str, LOG_LEVEL] = "warning",
) -> None:
    """Let a language model play over MCP.

    It speaks the Model Context Protocol on standard input and output.
    """
    from atari_cli.cli.log import log_to_stderr
    from atari_cli.server.mcp.stdio import serve_mcp

    log_to_stderr(ServeConfig(log_level=log_level).log_level, as_json=False)
    source: BinaryIO = sys.stdin.buffer if sys.stdin else BytesIO()  # the shell may have closed it
    if source.isatty():
        end = "Ctrl-Z and Enter end it" if sys.platform == "win32" else "Ctrl-D ends it"
        note(f"MCP clients start this command and talk to it on standard input; {end}")
    with (
        stdout_reserved() as stdout,
        open(stdout, "wb", closefd=False) as sink,
        captured([signal.SIGTERM], _end, even_ignored=True),
    ):
        serve_mcp(environment, source, sink)


def _end(number: int, frame: object) -> NoReturn:
    """End the program successfully, as a handler of SIGTERM."""
    raise SystemExit
