"""Write the tables of the documentation that follow from the code: settings, games, routes, limits.

    python scripts/update_docs.py            write them
    python scripts/update_docs.py --check    write nothing; exit 1 if one is out of date

A table is between `<!-- NAME: … -->` and `<!-- /NAME -->` of its page.
"""

import argparse
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import Field, fields
from pathlib import Path
from typing import Any, Final

import typer

from atari_cli.actions import ACTION_NAMES
from atari_cli.cli.app import app
from atari_cli.config import EnvironmentConfig, ServeConfig
from atari_cli.errors import InvalidSetting
from atari_cli.games import Game, all_games, find_game
from atari_cli.server.front import connection, listener, upgrade
from atari_cli.server.routes import film, recordings
from atari_cli.server.routes.route import Route
from atari_cli.server.routes.table import ROUTES
from atari_cli.server.sessions import episode_log, register, session, spectators
from atari_cli.server.transport import request_body, request_head, websocket
from atari_cli.wire import json_text

DOCS: Final = Path(__file__).resolve().parent.parent / "docs"
INDEXED: Final = ("pong", "breakout", "ms_pacman")
"""Games whose own indices the table of actions shows."""

SCORES: Final = ("random", "human")
Rows = Callable[[], Iterator[Sequence[object]]]


def main() -> int:
    """Write or check the tables; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    only_check = parser.parse_args().check
    stale = {page: text for page, text in pages().items() if page.read_text("utf-8") != text}
    for page, text in stale.items():
        if not only_check:
            page.write_text(text, encoding="utf-8")
        print(f"{page.name} " + ("is out of date" if only_check else "is written"))
    return int(only_check and bool(stale))


def pages() -> dict[Path, str]:
    """Return each page that has tables, with the text that it should have."""
    return {
        DOCS / name: with_tables((DOCS / name).read_text("utf-8"), tables)
        for name, tables in PAGES.items()
    }


def with_tables(text: str, tables: Mapping[str, Rows]) -> str:
    """Return the text of a page with its tables as they should be."""
    for name, rows in tables.items():
        pattern = re.compile(rf"(<!-- {name}: .*? -->\n).*?(<!-- /{name} -->)", re.DOTALL)
        places = list(pattern.finditer(text))
        if len(places) != 1:
            raise SystemExit(f"the page has {len(places)} places for {name}, expected 1")
        [place] = places
        content = "\n".join(table(rows()))
        text = f"{text[: place.start()]}{place[1]}{content}\n{place[2]}{text[place.end() :]}"
    return text


def table(rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """Yield the lines of a Markdown table; the first row is its head."""
    head, *body = rows
    for row in (head, ["---"] * len(head), *body):
        yield "| " + " | ".join(map(str, row)) + " |"


def action_rows() -> Iterator[Sequence[object]]:
    """Yield the 18 actions with their indices in some minimal sets."""
    yield ("code", "action", "stick", "button", *(f"index in `{game}`" for game in INDEXED))
    for code, name in enumerate(ACTION_NAMES):
        minimal = [find_game(game).minimal_actions for game in INDEXED]
        indices = [codes.index(code) if code in codes else "" for codes in minimal]
        direction = re.sub(r"(UP|DOWN)(?=.)", r"\1-", name.removesuffix("FIRE")).lower()
        stick = "centre" if direction in ("noop", "") else direction
        yield (code, f"`{name}`", stick, "pressed" if "FIRE" in name else "", *indices)


def setting_rows() -> Iterator[Sequence[object]]:
    """Yield each setting with its option, variable, default and range."""
    yield ("setting", "option", "variable", "default", "range")
    for setting in fields(EnvironmentConfig):
        variable = setting.metadata.get("variable")
        yield (
            f"`{setting.name}`",
            option(setting.name),
            f"`{variable}`" if variable else "–",
            "the game's" if setting.default is None else f"`{setting.default}`".lower(),
            value_range(setting),
        )


def option(setting: str) -> str:
    """Return how `atari rollout` spells a setting; a dash if it has no option."""
    group: Any = typer.main.get_command(app)
    parameters = group.get_command(typer.Context(group), "rollout").params
    for parameter in parameters:
        if setting.startswith(parameter.name):
            if parameter.param_type_name == "argument":
                return "the argument `GAME`"
            return " ".join(f"`{name}`" for name in [*parameter.opts, *parameter.secondary_opts])
    return "–"


def value_range(setting: Field[Any]) -> str:
    """Return the range of a setting in the words of its error message."""
    try:
        setting.metadata["check"](setting.name, object())
    except InvalidSetting as error:
        return str(error).partition(" must be ")[2].partition(", got ")[0]
    raise SystemExit(f"{setting.name} takes any object")


def game_rows() -> Iterator[Sequence[object]]:
    """Yield the catalogue's facts about each game."""
    yield ("game", "title", "minimal actions", "lives", "modes", "difficulties", *SCORES, "notes")
    for game in all_games():
        yield (
            f"`{game.id}`",
            game.title,
            action_set(game),
            game.lives or "–",
            numbers(game.modes),
            numbers(game.difficulties),
            *(
                ("" if score is None else f"{score:g}")
                for score in (game.random_score, game.human_score)
            ),
            "; ".join(notes(game)),
        )


def action_set(game: Game) -> str:
    """Return the names of a game's minimal actions, in the order of their indices."""
    if len(game.minimal_actions) == len(ACTION_NAMES):
        return "all 18"
    return " ".join(ACTION_NAMES[code] for code in game.minimal_actions)


def numbers(values: Sequence[int]) -> str:
    """Return numbers as text; of many, only the first two and the last."""
    if len(values) <= 4:
        return ", ".join(map(str, values))
    return f"{values[0]}, {values[1]} … {values[-1]} ({len(values)})"


def notes(game: Game) -> Iterator[str]:
    """Yield the peculiarities of a game."""
    if game.uses_paddles:
        yield "paddle"
    if game.tv == "PAL":
        yield f"PAL, {game.fps} frames/s"
    if game.height != 210:
        yield f"{game.height} lines"


def route_rows() -> Iterator[Sequence[object]]:
    """Yield every route with its statuses, other than those that any request may get."""
    yield ("route", "what it does", "statuses")
    for route in ROUTES:
        text = " ".join(filter(None, [f"{route.summary}.", route.description]))
        yield (f"`{route.method} {route.path}`", text, ", ".join(map(str, statuses(route))))


def statuses(route: Route) -> list[int]:
    """Return the statuses of a route, without those of access and of the size of a body."""
    replies = [reply.status for reply in route.replies]
    own = set(route.refusals) | ({422} & set(route.all_refusals()))
    return [int(status) for status in (*replies, *sorted(own))]


def limit_rows() -> Iterator[Sequence[object]]:
    """Yield every limit with its value and what happens beyond it."""
    yield ("limit", "value", "beyond it")
    yield ("first line of a request, or one header", size(request_head.MAX_LINE_BYTES), "414, 431")
    yield ("head of a request", size(request_head.MAX_HEAD_BYTES), "431")
    yield ("headers of a request", request_head.MAX_HEADERS, "431")
    yield ("time for a head to arrive", seconds(connection.HEAD_SECONDS), "closed")
    yield ("body of a request", size(request_body.MAX_BODY_BYTES), "413")
    yield ("a recording as a body", size(recordings.MOST_BYTES), "413")
    yield ("frames of such a recording", f"{episode_log.MOST_STEPS:,}", "422")
    yield ("chunks of a body", f"{request_body.MOST_CHUNKS:,}", "413")
    yield ("time for a body to arrive", seconds(connection.BODY_SECONDS), "closed")
    yield ("levels of nested JSON", json_text.MOST_LEVELS, "422, `INVALID_JSON`")
    yield ("a WebSocket message", size(websocket.MAX_MESSAGE_BYTES), "closed with 1009")
    yield (
        "silence until a WebSocket is sent a ping",
        f"`--ping-interval`, {seconds(ServeConfig.ping_interval)}",
        "a ping",
    )
    yield (
        "time until it answers",
        f"`--ping-timeout`, {seconds(ServeConfig.ping_timeout)}",
        "lost",
    )
    silent = "a WebSocket that has no session and sends nothing"
    yield (silent, seconds(upgrade.IDLE_SECONDS), "closed")
    yield ("an idle HTTP connection", seconds(connection.IDLE_SECONDS), "closed")
    yield ("time for a reply to be read", seconds(connection.WRITE_SECONDS), "closed")
    yield ("time for a message to be read", seconds(websocket.WRITE_SECONDS), "closed")
    yield (
        "connections at a time",
        f"`--max-sessions` and {listener.SPARE_THREADS} more",
        "one that waits is closed, else 503",
    )
    yield (
        "connections beyond these, for requests that only read",
        listener.KEPT_THREADS,
        "503 with `Retry-After`",
    )
    yield (
        "sessions at a time",
        f"`--max-sessions`, {ServeConfig.max_sessions}",
        "503, `CAPACITY_REACHED`",
    )
    yield ("requests that wait for a session", session.MOST_WAITING, "503")
    yield ("spectators of a session", spectators.MOST_SPECTATORS, "an error, and closed")
    yield (
        "an idle session",
        f"`--idle-timeout`, {seconds(ServeConfig.idle_timeout)}",
        "404, `SESSION_ERROR`",
    )
    yield (
        "a session whose WebSocket was lost",
        f"`--keep-lost`, {seconds(ServeConfig.keep_lost)}",
        "404",
    )
    yield ("a session in which no episode has begun", seconds(register.UNUSED_SECONDS), "404")
    yield ("videos made at a time", 1, "503")
    yield ("frames of a video", f"the last {recordings.MOST_FILMED:,}", "left out")
    yield ("time to make a video", seconds(film.FILM_SECONDS), "500")


def size(count: int) -> str:
    """Return a number of bytes in the unit that it is whole in."""
    return f"{count >> 20} MiB" if count >= 1 << 20 else f"{count >> 10} KiB"


def seconds(count: float) -> str:
    """Return a time with its unit."""
    return f"{count:g} s"


PAGES: Final[dict[str, dict[str, Rows]]] = {
    "settings.md": {"settings": setting_rows, "actions": action_rows},
    "games.md": {"games": game_rows},
    "server.md": {"routes": route_rows, "limits": limit_rows},
}

if __name__ == "__main__":
    sys.exit(main())
