"""The table of routes, from which dispatch, the OpenAPI document and the docs are made.

A route's summary is the first line of its handler's docstring. Each group of routes begins with
the values that its rows share.
"""

from dataclasses import replace
from functools import partial
from http import HTTPStatus
from typing import Final

from atari_cli.server.mcp.caller import VERSIONS
from atari_cli.server.mcp.over_http import KEY, MCP_SESSION, MCP_VERSION, call_mcp, end_mcp
from atari_cli.server.routes import endpoints, recordings, replies, static_files, task_api
from atari_cli.server.routes.negotiation import ENCODINGS
from atari_cli.server.routes.openapi import openapi
from atari_cli.server.routes.route import Access, Body, Parameter, Route
from atari_cli.server.sessions.context import ApiCall
from atari_cli.server.transport.messages import (
    SESSION_HEADER,
    TAB,
    TAB_HEADER,
    Response,
    json_response,
)
from atari_cli.wire.models import ResetRequest, Settings, StepRequest


def describe(call: ApiCall[None]) -> Response:
    """Return the API as an OpenAPI document."""
    return json_response(openapi(ROUTES, call.context.config))


_LOST: Final = {HTTPStatus.NOT_FOUND: "Unknown session_id: none"}
_FULL: Final = {
    HTTPStatus.SERVICE_UNAVAILABLE: "Server at capacity: 256/256 sessions active. "
    "Cannot accept new connections."
}

_environment: Final = partial(Route, tag="Environment")
_METADATA: Final = _environment("GET /metadata", endpoints.metadata, (replies.METADATA,))
_ENVIRONMENT: Final = (
    _environment(
        "GET /health", endpoints.health, (replies.HEALTHY, replies.UNHEALTHY), access=Access.ANYONE
    ),
    _METADATA,
    _environment("GET /schema", endpoints.schema, (replies.SCHEMAS,)),
    _environment("GET /metrics", endpoints.metrics, (replies.METRICS,)),
)

_SESSION: Final = Parameter(
    SESSION_HEADER, "header", description="The session; without it, the caller's default session."
)
_ENCODING: Final = Parameter(
    "encoding",
    "query",
    choices=ENCODINGS,
    description="The encoding of the reply; without it, `Accept` decides.",
)
_COMPRESSION: Final = Parameter(
    "compression",
    "query",
    description="`zlib` or `none` for the screens of `atari.v1`; `none` by default on one machine.",
)
_OF_SESSION: Final = _LOST | _FULL
_episode: Final = partial(
    Route,
    tag="Episodes",
    parameters=(_SESSION, _ENCODING, _COMPRESSION),
    refusals=_OF_SESSION,
    in_production=False,
)
_EPISODES: Final = (
    _episode(
        "POST /reset",
        endpoints.reset,
        (replies.RESULT,),
        description="Settings stay for later resets of the session; `split` and `index` of a task "
        "are accepted in their place.",
        body=Body(ResetRequest, {"game": "breakout", "seed": 1}),
    ),
    _episode(
        "POST /step",
        endpoints.step,
        (replies.RESULT,),
        description="`action_id` is an index into the action set. A step before the first reset "
        "starts an episode; one after the end repeats the last observation.",
        body=Body(StepRequest, {"action": {"action_id": 1}}),
    ),
    _episode("GET /state", endpoints.state, (replies.STATE,), parameters=(_SESSION,)),
)

_session: Final = partial(Route, tag="Sessions")
_SESSIONS: Final = (
    _session(
        "POST /sessions",
        endpoints.create_session,
        (replies.NEW_SESSION,),
        body=Body(Settings, {"game": "pong", "frameskip": 2}),
        refusals=_FULL,
    ),
    _session(
        "GET /sessions",
        endpoints.list_sessions,
        (replies.SESSIONS,),
        description="Only the beginning of each id, for an id gives control of its session.",
    ),
    _session(
        "DELETE /sessions/{identity}",
        endpoints.delete_session,
        (replies.ENDED_SESSION,),
        parameters=(Parameter("identity", "path"),),
        refusals=_LOST,
    ),
)

_MCP_SESSION: Final = Parameter(
    MCP_SESSION, "header", pattern=KEY, description="The id that the reply to `initialize` has."
)
_MCP_VERSION: Final = Parameter(MCP_VERSION, "header", choices=VERSIONS)
_NO_KEY: Final = f"{MCP_SESSION} must have 16 to 128 visible characters: take the one of initialize"
_mcp: Final = partial(
    Route, tag="Model Context Protocol", refusals={HTTPStatus.BAD_REQUEST: _NO_KEY}
)
_MCP: Final = (
    _mcp(
        "POST /mcp",
        call_mcp,
        (replies.MCP_REPLY, replies.NO_MCP_REPLY),
        description="Version 2025-03-26 may send several messages in a list.",
        parameters=(_MCP_SESSION, _MCP_VERSION),
        body=Body(example={"jsonrpc": "2.0", "id": 1, "method": "ping"}),
    ),
    _mcp(
        "DELETE /mcp",
        end_mcp,
        (replies.ENDED_GAME,),
        parameters=(replace(_MCP_SESSION, required=True, example="0123456789abcdef"), _MCP_VERSION),
    ),
)

_NAME: Final = Parameter(
    "name", "path", example=task_api.ENVIRONMENT, choices=(task_api.ENVIRONMENT,)
)
_SPLIT: Final = Body(task_api.SplitRequest, {"split": "games"})
_NO_ENVIRONMENT: Final = {HTTPStatus.NOT_FOUND: "unknown environment 'none'"}
_task: Final = partial(Route, tag="Task API", parameters=(_NAME,), refusals=_NO_ENVIRONMENT)
_TASKS: Final = (
    _task(
        "GET /list_environments",
        task_api.list_environments,
        (replies.ENVIRONMENTS,),
        parameters=(),
        refusals={},
    ),
    _task(
        "GET /{name}/splits",
        task_api.list_splits,
        (replies.SPLIT_LIST,),
        description="`games` has every game, `modes` every mode and difficulty of each.",
    ),
    _task("POST /{name}/tasks", task_api.list_tasks, (replies.TASKS,), body=_SPLIT),
    _task("POST /{name}/num_tasks", task_api.count_tasks, (replies.TASK_COUNT,), body=_SPLIT),
    _task(
        "POST /{name}/task_range",
        task_api.list_range,
        (replies.TASK_RANGE,),
        body=Body(task_api.RangeRequest, {"split": "games", "start": 0, "stop": 1}),
    ),
    _task(
        "POST /{name}/task",
        task_api.get_task,
        (replies.ONE_TASK,),
        body=Body(task_api.TaskRequest, {"split": "games", "index": 0}),
        refusals=_NO_ENVIRONMENT | {HTTPStatus.BAD_REQUEST: "Invalid task index"},
    ),
)

_NO_FILE: Final = {HTTPStatus.NOT_FOUND: "Not Found"}
_document: Final = partial(Route, tag="Documents")
_DOCUMENTS: Final = (
    _document("GET /docs", static_files.docs, (replies.HTML, replies.UNCHANGED), is_page=True),
    _document(
        "GET /docs/{name}",
        static_files.docs_file,
        (replies.FILE, replies.UNCHANGED),
        parameters=(Parameter("name", "path", example="docs.js", pattern="[a-z]+[.][a-z]+"),),
        refusals=_NO_FILE,
    ),
    _document("GET /openapi.json", describe, (replies.DOCUMENT,)),
)

_TAB: Final = Parameter(
    TAB_HEADER,
    "header",
    pattern=TAB,
    description="The browser's tab, which has its own default session.",
)
_NO_TAB: Final = {HTTPStatus.BAD_REQUEST: "a tab's name has up to 64 letters and digits"}


def _by_tab(route: Route) -> Route:
    """Return the route that does the same for the session of a browser's tab."""
    return replace(
        route,
        name=f"{route.method} /web{route.path}",
        tag="Page",
        description=f"As `{route.path}`, but each tab of a browser has its own session.",
        parameters=(*route.parameters, _TAB),
        refusals={**route.refusals, **_NO_TAB},
        in_production=True,
    )


_page: Final = partial(Route, tag="Page")
_TO_WEB: Final = _page(
    "GET /", static_files.to_web, (replies.TO_WEB,), access=Access.PAGE, is_page=True
)
_FILE: Final = Parameter(
    "name", "path", example="app.js", pattern=f"[a-z0-9_-]+[.](?:{'|'.join(static_files.TYPES)})"
)
_NOT_PLAYED: Final = {
    **_OF_SESSION,
    **_NO_TAB,
    HTTPStatus.NOT_FOUND: "nothing is kept of a session that no person plays",
    HTTPStatus.CONFLICT: "no step was played",
}
_NO_VIDEO: Final = {
    HTTPStatus.INTERNAL_SERVER_ERROR: "the video could not be made; the server's log says why"
}
_download: Final = partial(_page, parameters=(_SESSION, _TAB), refusals=_NOT_PLAYED, is_costly=True)
_PAGE: Final = (
    _TO_WEB,
    replace(_TO_WEB, name="GET /web"),
    _page(
        "GET /web/",
        static_files.web,
        (replies.HTML, replies.UNCHANGED),
        access=Access.PAGE,
        is_page=True,
    ),
    _page(
        "GET /web/{name}",
        static_files.web_file,
        (replies.FILE, replies.UNCHANGED),
        parameters=(_FILE,),
        refusals=_NO_FILE,
        access=Access.PAGE,
    ),
    _page(
        "POST /web/login",
        static_files.login,
        (replies.COOKIE,),
        body=Body(static_files.Login, {"token": "TOKEN"}),
        refusals={HTTPStatus.UNAUTHORIZED: "the token is wrong"},
        access=Access.PAGE,
    ),
    _page("GET /web/games.json", static_files.games, (replies.GAMES, replies.UNCHANGED)),
    _page(
        "GET /web/pictures/{game}.png",
        static_files.picture,
        (replies.PICTURE, replies.UNCHANGED),
        parameters=(Parameter("game", "path", example="pong", pattern="[a-z0-9_]+"),),
        refusals=_NO_FILE,
    ),
    *map(_by_tab, _EPISODES),
    replace(_METADATA, name="GET /web/metadata", tag="Page", description="As `/metadata`."),
    _download(
        "GET /web/episode.npz",
        endpoints.download_npz,
        (replies.RECORDING,),
        description="If it is played at a page or by `/web/step`, up to an hour of it.",
    ),
    _download(
        "GET /web/episode.mp4",
        endpoints.download_mp4,
        (replies.VIDEO,),
        description="The last ten minutes of it, with sound.",
        refusals=_NOT_PLAYED | _NO_VIDEO,
    ),
    _page(
        "POST /web/replay",
        recordings.replay,
        (replies.NEW_REPLAY,),
        body=Body(media=recordings.CONTENT_TYPE, most=recordings.MOST_BYTES),
        refusals=_FULL | {HTTPStatus.UNPROCESSABLE_ENTITY: "the recording is not a ZIP file"},
    ),
)

ROUTES: Final = (*_ENVIRONMENT, *_EPISODES, *_SESSIONS, *_MCP, *_TASKS, *_DOCUMENTS, *_PAGE)
