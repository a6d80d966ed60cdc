"""Routes of the page to play on: its files, its login, its sessions and their recordings."""

from dataclasses import replace
from http import HTTPStatus
from typing import Final

from atari_cli.server.routes import endpoints, recordings, replies, static_files
from atari_cli.server.routes.api_routes import EPISODE_ROUTES, METADATA, OF_SESSION, SESSION
from atari_cli.server.routes.negotiation import PNG
from atari_cli.server.routes.route import Access, Body, Parameter, Reply, Route
from atari_cli.server.transport.messages import TAB, TAB_HEADER, WATCH_HEADER

_CACHED: Final = ("ETag", "Cache-Control")
UNCHANGED: Final = Reply(
    status=HTTPStatus.NOT_MODIFIED,
    headers=_CACHED,
    description="The browser has it: `If-None-Match` names its `ETag`",
)
NO_FILE: Final = {HTTPStatus.NOT_FOUND: "Not Found"}
_TYPES: Final = "|".join(static_files.TYPES)
_TAB: Final = Parameter(
    name=TAB_HEADER,
    place="header",
    pattern=TAB,
    description="The browser's tab, which has its own default session.",
)
_NO_TAB: Final = {HTTPStatus.BAD_REQUEST: "a tab's name has up to 64 letters and digits"}


def html(description: str = "The page") -> Reply:
    """Return the reply that is a page."""
    return Reply(media=(static_files.TYPES["html"],), headers=_CACHED, description=description)


def files(example: str) -> Reply:
    """Return the reply that is a file of a page."""
    media = tuple(static_files.TYPES.values())
    return Reply(media=media, example=example, headers=_CACHED, description="The file")


def _by_tab(route: Route) -> Route:
    """Return the route that does the same for the session of a browser's tab."""
    return replace(
        route,
        path=f"/web{route.path}",
        tag="Page",
        description=f"As `{route.path}`, but each tab of a browser has its own session.",
        parameters=(*route.parameters, _TAB),
        refusals={**route.refusals, **_NO_TAB},
        in_production=True,
    )


_TO_WEB: Final = Route(
    method="GET",
    path="/",
    handler=static_files.to_web,
    tag="Page",
    summary="Redirect to the page",
    replies=(
        Reply(
            status=HTTPStatus.TEMPORARY_REDIRECT,
            headers=("Location",),
            description="`Location` is `/web/`",
        ),
    ),
    access=Access.PAGE,
    is_page=True,
)
_DOWNLOAD: Final = Route(
    method="GET",
    path="/web/episode.npz",
    handler=endpoints.download_npz,
    tag="Page",
    summary="The running episode as a recording",
    description="If it is played at a page or by `/web/step`, up to an hour of it.",
    parameters=(SESSION, _TAB),
    replies=(
        Reply(
            media=(recordings.CONTENT_TYPE,),
            headers=("Content-Disposition", "Cache-Control"),
            description="A file like those of `atari record`",
        ),
    ),
    refusals={
        **OF_SESSION,
        **_NO_TAB,
        HTTPStatus.NOT_FOUND: "nothing is kept of a session that no person plays",
        HTTPStatus.CONFLICT: "no step was played",
    },
    is_costly=True,
)

PAGE_ROUTES: Final = (
    _TO_WEB,
    replace(_TO_WEB, path="/web"),
    Route(
        method="GET",
        path="/web/",
        handler=static_files.web,
        tag="Page",
        summary="The page to play on",
        replies=(html(), UNCHANGED),
        access=Access.PAGE,
        is_page=True,
    ),
    Route(
        method="GET",
        path="/web/{name}",
        handler=static_files.web,
        tag="Page",
        summary="A file of the page",
        parameters=(
            Parameter(
                name="name",
                place="path",
                example="app.js",
                pattern=f"[a-z0-9_-]+[.](?:{_TYPES})",
                required=True,
            ),
        ),
        replies=(files("…"), UNCHANGED),
        refusals=NO_FILE,
        access=Access.PAGE,
    ),
    Route(
        method="POST",
        path="/web/login",
        handler=static_files.login,
        tag="Page",
        summary="Exchange the token for a cookie",
        body=Body(model=static_files.Login, example={"token": "TOKEN"}),
        replies=(
            Reply(status=HTTPStatus.NO_CONTENT, description="The cookie, if there is a token"),
        ),
        refusals={HTTPStatus.UNAUTHORIZED: "the token is wrong"},
        access=Access.PAGE,
    ),
    Route(
        method="GET",
        path="/web/games.json",
        handler=static_files.games,
        tag="Page",
        summary="The games, and the settings of the page's form",
        replies=(
            Reply(model=replies.Games, example=static_files.EXAMPLE, headers=_CACHED),
            UNCHANGED,
        ),
    ),
    Route(
        method="GET",
        path="/web/pictures/{game}.png",
        handler=static_files.picture,
        tag="Page",
        summary="The screen of a game after two seconds",
        parameters=(
            Parameter(
                name="game", place="path", example="pong", pattern="[a-z0-9_]+", required=True
            ),
        ),
        replies=(Reply(media=(PNG,), headers=_CACHED, description="A picture"), UNCHANGED),
        refusals=NO_FILE,
    ),
    *map(_by_tab, EPISODE_ROUTES),
    replace(METADATA, path="/web/metadata", tag="Page", description="As `/metadata`."),
    _DOWNLOAD,
    replace(
        _DOWNLOAD,
        path="/web/episode.mp4",
        handler=endpoints.download_mp4,
        summary="The running episode as a video",
        description="The last ten minutes of it, with sound.",
        replies=(replace(_DOWNLOAD.replies[0], media=(recordings.VIDEO_TYPE,), description="MP4"),),
        refusals={
            **_DOWNLOAD.refusals,
            HTTPStatus.INTERNAL_SERVER_ERROR: "the video could not be made; the server's log says "
            "why",
        },
    ),
    Route(
        method="POST",
        path="/web/replay",
        handler=recordings.replay,
        tag="Page",
        summary="Open a session that replays a recording",
        body=Body(media=recordings.CONTENT_TYPE, most=recordings.MOST_BYTES),
        replies=(
            Reply(
                status=HTTPStatus.CREATED,
                model=replies.NewReplay,
                example={
                    "session_id": "k3zD…",
                    "watch": "Vq7e…",
                    "game_name": "pong",
                    "title": "Video Olympics",
                    "steps": 1200,
                    "policy": "human",
                    "totals": {"frames": 1200, "score": -3.0, "steps": 1200},
                },
                headers=(WATCH_HEADER,),
            ),
        ),
        refusals={
            HTTPStatus.UNPROCESSABLE_ENTITY: "the recording is not a ZIP file",
            HTTPStatus.SERVICE_UNAVAILABLE: OF_SESSION[HTTPStatus.SERVICE_UNAVAILABLE],
        },
    ),
)
