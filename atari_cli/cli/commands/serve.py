"""`atari serve`: the OpenEnv API."""

from functools import partial
from typing import Final

import typer

from atari_cli.cli.options import LOG_LEVEL, described, takes_config, takes_environment
from atari_cli.cli.output import note
from atari_cli.config import EnvironmentConfig, ServeConfig

_OPTIONS: Final = {
    "host": typer.Option(help="Address to listen on."),
    "port": typer.Option(help="Port to listen on (0: any free one).", envvar="PORT"),
    "max_sessions": typer.Option(help="Maximum number of sessions at a time."),
    "idle_timeout": typer.Option(help="Seconds after which an idle session ends."),
    "keep_lost": typer.Option(
        help="Seconds for which a session is kept whose WebSocket was lost (0: not at all)."
    ),
    "ping_interval": typer.Option(help="Seconds of silence until a WebSocket is sent a ping."),
    "ping_timeout": typer.Option(help="Seconds until it must answer."),
    "token": typer.Option(
        help=described(
            "Secret that every request must present; the variable keeps it off the command line.",
            variable="ATARI_TOKEN",
        )
    ),
    "allow_hosts": typer.Option(
        "--allow-host",
        metavar="<name>",
        help="Host name to accept in requests; `*` accepts any. Can be repeated.",
    ),
    "allow_origins": typer.Option(
        "--allow-origin",
        metavar="<origin>",
        help="Origin of web pages that may use the server, such as https://example.com. "
        "Can be repeated.",
    ),
    "trust_proxy": typer.Option(
        "--trust-proxy", help="Take a client's address from X-Forwarded-For of the proxy in front."
    ),
    "allow_unauthenticated": typer.Option(
        "--allow-unauthenticated", help="Accept requests from other machines without a token."
    ),
    "log_level": LOG_LEVEL,
    "log_json": typer.Option("--log-json", help="Log one JSON object per line."),
}


@takes_environment
@partial(takes_config, config=ServeConfig, options=_OPTIONS, make=ServeConfig.from_variables)
def serve(environment: EnvironmentConfig, config: ServeConfig) -> None:
    """Serve OpenEnv's API over HTTP and WebSocket."""
    from atari_cli.cli.log import log_to_stderr
    from atari_cli.server import serve as serve_forever

    log_to_stderr(config.log_level, config.log_json)
    serve_forever(config, environment, lambda url: note(f"serving at {url}; Ctrl-C stops"))
