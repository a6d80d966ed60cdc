"""`atari serve`: the OpenEnv API."""

from typing import Annotated, Any

import typer

from atari_cli.cli.options import takes_environment
from atari_cli.config import LOG_LEVELS, EnvironmentConfig, ServeConfig

_Names = list[str] | None


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command()(takes_environment(serve))


def serve(
    environment: EnvironmentConfig,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = ServeConfig.host,
    port: Annotated[int, typer.Option(help="Port; 0 is any free one.")] = ServeConfig.port,
    max_sessions: Annotated[
        int, typer.Option(help="Sessions at a time; more are refused.")
    ] = ServeConfig.max_sessions,
    idle_timeout: Annotated[
        float, typer.Option(help="Seconds after which an unused session ends.")
    ] = ServeConfig.idle_timeout,
    token: Annotated[
        str | None,
        typer.Option(
            help="A secret that every request must show; ATARI_TOKEN keeps it off the command line."
        ),
    ] = None,
    allow_host: Annotated[
        _Names,
        typer.Option(
            metavar="<name>",
            help="A name that the server goes by, beside this machine's; * is any. Repeatable.",
        ),
    ] = None,
    allow_origin: Annotated[
        _Names,
        typer.Option(
            metavar="<origin>",
            help="Whose web pages may use the server, such as https://example.com. Repeatable.",
        ),
    ] = None,
    allow_unauthenticated: Annotated[
        bool, typer.Option("--allow-unauthenticated", help="Let other machines in without a token.")
    ] = ServeConfig.allow_unauthenticated,
    log_level: Annotated[
        str, typer.Option(help="The least that is logged.", metavar="|".join(LOG_LEVELS))
    ] = ServeConfig.log_level,
    log_json: Annotated[
        bool, typer.Option("--log-json", help="Log one JSON object a line.")
    ] = ServeConfig.log_json,
) -> None:
    """Serve the OpenEnv API over HTTP and WebSocket."""
    from atari_cli.cli.log import log_to_stderr
    from atari_cli.cli.output import note
    from atari_cli.server import serve as serve_forever

    options: dict[str, Any] = {
        "host": host,
        "port": port,
        "max_sessions": max_sessions,
        "idle_timeout": idle_timeout,
        "token": token,
        "allow_hosts": tuple(allow_host or ()),
        "allow_origins": tuple(allow_origin or ()),
        "allow_unauthenticated": allow_unauthenticated,
        "log_level": log_level,
        "log_json": log_json,
    }
    config = ServeConfig.from_variables(options)
    log_to_stderr(config.log_level, config.log_json)
    serve_forever(config, environment, lambda url: note(f"serving at {url}; Ctrl-C stops"))
