"""Handlers of an episode: reset, step and state."""

from functools import partial
from http import HTTPStatus
from typing import Final

from atari_cli.server.routes.negotiation import ENCODINGS, PNG, encoder
from atari_cli.server.routes.route import FULL, Parameter, Reply, Route
from atari_cli.server.routes.session_of_request import (
    KEYS,
    LOST,
    NO_CLIENT,
    NO_TAB,
    SESSION,
    TAB_PARAMETER,
    keys_of,
    session_of,
)
from atari_cli.server.routes.tasks import with_task
from atari_cli.server.sessions.context import ApiCall
from atari_cli.server.sessions.session import Session
from atari_cli.server.transport.messages import Response
from atari_cli.wire.atari_v1 import MEDIA_TYPE
from atari_cli.wire.json_text import Json
from atari_cli.wire.models import ResetRequest, State, StepRequest, StepResponse, read_settings
from atari_cli.wire.openenv_json import state_json

_ENCODING: Final = Parameter(
    "encoding",
    "query",
    "The encoding of the reply; without it, `Accept` decides.",
    choices=ENCODINGS,
)
_COMPRESSION: Final = Parameter(
    "compression",
    "query",
    "`zlib` or `none` for the screens of `atari.v1`; `none` by default on one machine.",
)
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
    StepResponse,
    {"observation": _OBSERVATION, "reward": 0.0, "done": False, "metadata": _METADATA},
    media=(MEDIA_TYPE, PNG),
    headers=KEYS,
    description="The observation; the example has the first of 33,600 pixels",
)
_episode: Final = partial(
    Route,
    tag="Episodes",
    parameters=(SESSION, _ENCODING, _COMPRESSION),
    refusals=LOST | FULL | {HTTPStatus.BAD_REQUEST: NO_CLIENT},
    in_production=False,
)


@_episode("POST /reset", _RESULT, example={"game": "breakout", "seed": 1})
def reset(call: ApiCall[ResetRequest]) -> Response:
    """Start an episode.

    Settings stay for later resets of the session; `split` and `index` of a task are accepted in
    their place.
    """
    session = session_of(call)
    if call.request.path == "/web/reset":
        session.keep_episode()
    settings, ignored = read_settings(with_task(call.body.model_dump(exclude_none=True)))
    encode = encoder(call.request, session, ignored)
    return _played(session.reset(encode, call.body.seed, call.body.episode_id, settings), session)


@_episode("POST /step", _RESULT, example={"action": {"action_id": 1}})
def step(call: ApiCall[StepRequest]) -> Response:
    """Play an action.

    `action_id` is an index into the action set. A step before the first reset starts an episode;
    one after the end repeats the last observation.
    """
    session = session_of(call)
    encode = encoder(call.request, session)
    return _played(session.step(encode, call.body.action.action_id), session)


@_episode("GET /state", Reply(State, State().model_dump(), headers=KEYS), parameters=(SESSION,))
def state(call: ApiCall[None]) -> Response:
    """Return the state of the episode."""
    session = session_of(call)
    return _played(Response(HTTPStatus.OK, state_json(session.state())), session)


EPISODES: Final = (reset, step, state)


def _by_tab(route: Route) -> Route:
    """Return the route that does the same for the session of a browser's tab."""
    return route.at(
        f"{route.method} /web{route.path}",
        tag="Page",
        description=f"As `{route.path}`, but each tab of a browser has its own session.",
        parameters=(*route.parameters, TAB_PARAMETER),
        refusals={**route.refusals, **NO_TAB},
        in_production=True,
    )


EPISODES_BY_TAB: Final = tuple(map(_by_tab, EPISODES))


def _played(response: Response, session: Session) -> Response:
    return response._replace(headers=(*response.headers, *keys_of(session)))
