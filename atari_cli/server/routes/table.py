"""The table of routes, from which dispatch, the OpenAPI document and the docs are made.

Routes are described where their handlers are; here are those whose handlers know no routes.
"""

from dataclasses import replace
from functools import partial
from http import HTTPStatus
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field, RootModel

from atari_cli.server.mcp.caller import VERSIONS
from atari_cli.server.mcp.over_http import KEY, MCP_SESSION, MCP_VERSION, call_mcp, end_mcp
from atari_cli.server.routes import (
    about,
    recordings,
    reset_step_state,
    sessions,
    static_files,
    tasks,
)
from atari_cli.server.routes.openapi import openapi
from atari_cli.server.routes.route import ClosedModel, Parameter, Reply, Route
from atari_cli.server.sessions.context import ApiCall
from atari_cli.server.transport.messages import Response, json_response
from atari_cli.wire.json_text import Json


class OpenModel(BaseModel):
    """A JSON object that may have further keys."""

    model_config = ConfigDict(extra="allow", defer_build=True)


class Document(OpenModel):
    """An OpenAPI document."""

    openapi: str = Field(description="The version of OpenAPI.", examples=["3.1.0"])
    info: Json = Field(description="The title and version of the API.", examples=[{}])
    paths: Json = Field(description="The operations, by path and method.", examples=[{}])
    components: Json = Field(description="The schemas of bodies and replies.", examples=[{}])


class RpcReply(OpenModel):
    """A reply of JSON-RPC 2.0, with `result` or `error`."""

    jsonrpc: Literal["2.0"] = Field(description="The version of JSON-RPC.")
    id: str | int | float | None = Field(
        description="The id of the message; null if it has none that can be read."
    )


class McpReply(RootModel[RpcReply | list[RpcReply]]):
    """The reply to a message, or to each message of a batch."""


class EndedGame(ClosedModel):
    """The end of an MCP session, and of its game if it had one."""

    closed: bool = Field(description="Whether it had one.", examples=[False])


@Route("GET /openapi.json", Reply(Document), tag="Documents")
def describe(call: ApiCall[None]) -> Response:
    """Return the API as an OpenAPI document."""
    return json_response(openapi(ROUTES, call.context.config))


_KEY: Final = Parameter(
    MCP_SESSION, "header", "The id that the reply to `initialize` has.", pattern=KEY
)
_VERSION: Final = Parameter(MCP_VERSION, "header", choices=VERSIONS)
_NO_KEY: Final = f"{MCP_SESSION} must have 16 to 128 visible characters: take the one of initialize"
_NO_REPLY: Final = Reply(
    status=HTTPStatus.ACCEPTED, description="A notification was received: no reply"
)
_mcp: Final = partial(
    Route, tag="Model Context Protocol", refusals={HTTPStatus.BAD_REQUEST: _NO_KEY}
)
_MCP: Final = (
    _mcp(
        "POST /mcp",
        Reply(McpReply, {"jsonrpc": "2.0", "id": 1, "result": {}}),
        others=(_NO_REPLY,),
        parameters=(_KEY, _VERSION),
        example={"jsonrpc": "2.0", "id": 1, "method": "ping"},
    )(call_mcp),
    _mcp(
        "DELETE /mcp",
        Reply(EndedGame),
        parameters=(replace(_KEY, required=True, example="0123456789abcdef"), _VERSION),
    )(end_mcp),
)

ROUTES: Final = (
    *about.ABOUT,
    *reset_step_state.EPISODES,
    *sessions.SESSIONS,
    *_MCP,
    *tasks.TASKS,
    *static_files.DOCUMENTS,
    describe,
    *static_files.PAGE,
    *reset_step_state.EPISODES_BY_TAB,
    *about.PAGE,
    *recordings.RECORDINGS,
)
