"""The table of routes, from which dispatch, the OpenAPI document and the docs are made."""

from dataclasses import replace
from http import HTTPStatus
from typing import Final

from atari_cli.server.mcp.caller import VERSIONS
from atari_cli.server.mcp.over_http import KEY, MCP_SESSION, MCP_VERSION, call_mcp, end_mcp
from atari_cli.server.routes import replies, static_files
from atari_cli.server.routes.api_routes import ENVIRONMENT_ROUTES, EPISODE_ROUTES, SESSION_ROUTES
from atari_cli.server.routes.openapi import openapi
from atari_cli.server.routes.page_routes import NO_FILE, PAGE_ROUTES, UNCHANGED, files, html
from atari_cli.server.routes.route import Body, Parameter, Reply, Route
from atari_cli.server.routes.task_routes import TASK_ROUTES
from atari_cli.server.sessions.context import Context
from atari_cli.server.transport.messages import Request, Response, json_response


def describe(context: Context, request: Request) -> Response:
    """Return the OpenAPI document."""
    return json_response(openapi(ROUTES, context.config))


_MCP_SESSION: Final = Parameter(
    name=MCP_SESSION,
    place="header",
    pattern=KEY,
    description="The id that the reply to `initialize` has.",
)
_MCP_VERSION: Final = Parameter(name=MCP_VERSION, place="header", choices=VERSIONS)
_NO_KEY: Final = f"{MCP_SESSION} must have 16 to 128 visible characters: take the one of initialize"
_MCP: Final = (
    Route(
        method="POST",
        path="/mcp",
        handler=call_mcp,
        tag="Model Context Protocol",
        summary="Answer a message of JSON-RPC 2.0",
        description="Version 2025-03-26 may send several messages in a list.",
        parameters=(_MCP_SESSION, _MCP_VERSION),
        body=Body(example={"jsonrpc": "2.0", "id": 1, "method": "ping"}),
        replies=(
            Reply(
                model=replies.McpReply,
                example={"jsonrpc": "2.0", "id": 1, "result": {}},
            ),
            Reply(status=HTTPStatus.ACCEPTED, description="A notification was received: no reply"),
        ),
        refusals={HTTPStatus.BAD_REQUEST: _NO_KEY},
    ),
    Route(
        method="DELETE",
        path="/mcp",
        handler=end_mcp,
        tag="Model Context Protocol",
        summary="End the game of an MCP session",
        parameters=(replace(_MCP_SESSION, required=True, example="0123456789abcdef"), _MCP_VERSION),
        replies=(Reply(model=replies.EndedGame, example={"closed": False}),),
        refusals={HTTPStatus.BAD_REQUEST: _NO_KEY},
    ),
)

_DOCUMENTS: Final = (
    Route(
        method="GET",
        path="/docs",
        handler=static_files.docs,
        tag="Documents",
        summary="A page that describes the API and sends requests",
        replies=(html(), UNCHANGED),
        is_page=True,
    ),
    Route(
        method="GET",
        path="/docs/{name}",
        handler=static_files.docs,
        tag="Documents",
        summary="A file of that page",
        parameters=(
            Parameter(
                name="name",
                place="path",
                example="docs.js",
                pattern="[a-z]+[.][a-z]+",
                required=True,
            ),
        ),
        replies=(files("…"), UNCHANGED),
        refusals=NO_FILE,
    ),
    Route(
        method="GET",
        path="/openapi.json",
        handler=describe,
        tag="Documents",
        summary="The API as an OpenAPI document",
        replies=(
            Reply(
                model=replies.Document,
                example={"openapi": "3.1.0", "info": {}, "paths": {}, "components": {}},
            ),
        ),
    ),
)

ROUTES: Final[tuple[Route, ...]] = (
    *ENVIRONMENT_ROUTES,
    *EPISODE_ROUTES,
    *SESSION_ROUTES,
    *_MCP,
    *TASK_ROUTES,
    *_DOCUMENTS,
    *PAGE_ROUTES,
)
