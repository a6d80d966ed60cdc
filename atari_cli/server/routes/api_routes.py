"""Routes of OpenEnv's API: the environment, its episodes and its sessions."""

from dataclasses import replace
from http import HTTPStatus
from typing import Final

from atari_cli.server.routes import endpoints, replies
from atari_cli.server.routes.negotiation import ENCODINGS, PNG
from atari_cli.server.routes.route import Access, Body, Parameter, Reply, Route
from atari_cli.server.routes.task_api import ENVIRONMENT
from atari_cli.server.sessions.metrics import CONTENT_TYPE
from atari_cli.server.transport.messages import SESSION_HEADER, WATCH_HEADER
from atari_cli.wire.atari_v1 import MEDIA_TYPE
from atari_cli.wire.json_text import Json
from atari_cli.wire.models import ResetRequest, Settings, State, StepRequest, StepResponse

SESSION: Final = Parameter(
    name=SESSION_HEADER,
    place="header",
    description="The session; without it, the caller's default session.",
)
_ENCODING: Final = Parameter(
    name="encoding",
    place="query",
    choices=ENCODINGS,
    description="The encoding of the reply; without it, `Accept` decides.",
)
_COMPRESSION: Final = Parameter(
    name="compression",
    place="query",
    description="`zlib` or `none` for the screens of `atari.v1`; `none` by default on one machine.",
)
_KEYS: Final = (SESSION_HEADER, WATCH_HEADER)
_LOST: Final = "Unknown session_id: none"
_FULL: Final = "Server at capacity: 256/256 sessions active. Cannot accept new connections."
OF_SESSION: Final = {HTTPStatus.NOT_FOUND: _LOST, HTTPStatus.SERVICE_UNAVAILABLE: _FULL}

_METADATA: Final[Json] = {
    "game_name": "breakout",
    "action_meanings": ["NOOP", "FIRE", "RIGHT", "LEFT"],
    "terminated": False,
    "truncated": False,
    "seed": 1,
}
_OBSERVATION: Final[Json] = {
    "screen": [0, 0, 0],
    "screen_shape": [210, 160, 3],
    "legal_actions": [0, 1, 2, 3],
    "lives": 5,
    "episode_frame_number": 0,
    "frame_number": 0,
    "metadata": _METADATA,
}
_RESULT: Final = Reply(
    model=StepResponse,
    example={"observation": _OBSERVATION, "reward": 0.0, "done": False, "metadata": _METADATA},
    media=(MEDIA_TYPE, PNG),
    headers=_KEYS,
    description="The observation; the example has the first of 33,600 pixels",
)

_RESET: Final = Route(
    method="POST",
    path="/reset",
    handler=endpoints.reset,
    tag="Episodes",
    summary="Start an episode",
    description="Settings stay for later resets of the session; `split` and `index` of a task are "
    "accepted in their place.",
    parameters=(SESSION, _ENCODING, _COMPRESSION),
    body=Body(model=ResetRequest, example={"game": "breakout", "seed": 1}),
    replies=(_RESULT,),
    refusals=OF_SESSION,
    in_production=False,
)
_STEP: Final = replace(
    _RESET,
    path="/step",
    handler=endpoints.step,
    summary="Play an action",
    description="`action_id` is an index into the action set. A step before the first reset starts "
    "an episode; one after the end repeats the last observation.",
    body=Body(model=StepRequest, example={"action": {"action_id": 1}}),
)
_STATE: Final = Route(
    method="GET",
    path="/state",
    handler=endpoints.state,
    tag="Episodes",
    summary="The state of the episode",
    parameters=(SESSION,),
    replies=(Reply(model=State, example=State().model_dump(), headers=_KEYS),),
    refusals=OF_SESSION,
    in_production=False,
)
METADATA: Final = Route(
    method="GET",
    path="/metadata",
    handler=endpoints.metadata,
    tag="Environment",
    summary="A description of the environment",
    replies=(
        Reply(
            model=replies.Metadata,
            example={
                "name": ENVIRONMENT,
                "description": "104 Atari 2600 games through the Arcade Learning Environment",
                "readme_content": "# atari\n…",
                "version": "0.1.0",
                "author": "the atari project",
                "documentation_url": None,
            },
        ),
    ),
)

EPISODE_ROUTES: Final = (_RESET, _STEP, _STATE)


ENVIRONMENT_ROUTES: Final = (
    Route(
        method="GET",
        path="/health",
        handler=endpoints.health,
        tag="Environment",
        summary="Whether the server works",
        replies=(
            Reply(model=replies.Health, example={"status": "healthy"}),
            Reply(
                status=HTTPStatus.SERVICE_UNAVAILABLE,
                model=replies.Health,
                example={"status": "unhealthy"},
                description="The server is stopping",
            ),
        ),
        access=Access.ANYONE,
    ),
    METADATA,
    Route(
        method="GET",
        path="/schema",
        handler=endpoints.schema,
        tag="Environment",
        summary="JSON Schemas of action, observation and state",
        replies=(
            Reply(model=replies.Schemas, example={"action": {}, "observation": {}, "state": {}}),
        ),
    ),
    Route(
        method="GET",
        path="/metrics",
        handler=endpoints.metrics,
        tag="Environment",
        summary="Figures for Prometheus",
        replies=(Reply(media=(CONTENT_TYPE,), example="atari_env_steps_total 0.0\n"),),
    ),
)

_IDENTITY: Final = Parameter(name="identity", place="path", required=True)
_END: Final[Json] = {
    "end": {
        "operationId": "delete_sessions_identity",
        "parameters": {"identity": "$response.body#/session_id"},
    }
}
SESSION_ROUTES: Final = (
    Route(
        method="POST",
        path="/sessions",
        handler=endpoints.create_session,
        tag="Sessions",
        summary="Open a session",
        body=Body(model=Settings, example={"game": "pong", "frameskip": 2}),
        replies=(
            Reply(
                status=HTTPStatus.CREATED,
                model=replies.NewSession,
                example={"session_id": "k3zD…", "watch": "Vq7e…"},
                headers=_KEYS,
                links=_END,
            ),
        ),
        refusals={HTTPStatus.SERVICE_UNAVAILABLE: _FULL},
    ),
    Route(
        method="GET",
        path="/sessions",
        handler=endpoints.list_sessions,
        tag="Sessions",
        summary="List the sessions",
        description="Only the beginning of each id, for an id gives control of its session.",
        replies=(
            Reply(
                model=replies.SessionList,
                example={"active": 1, "max": 256, "sessions": [{"session": "k3zD…"}]},
            ),
        ),
    ),
    Route(
        method="DELETE",
        path="/sessions/{identity}",
        handler=endpoints.delete_session,
        tag="Sessions",
        summary="End a session",
        parameters=(_IDENTITY,),
        replies=(
            Reply(model=replies.EndedSession, example={"session_id": "k3zD…", "closed": True}),
        ),
        refusals={HTTPStatus.NOT_FOUND: _LOST},
    ),
)
