"""Files of the pages have their types and are cached; the login needs no token in the address."""

from http.client import HTTPConnection
from importlib.resources import files

import imageio.v3 as imageio
import pytest

from atari_cli.config import settings_form
from atari_cli.games import all_games
from atari_cli.server.routes.negotiation import JSON
from tests.server.conftest import Start, Ways

STATIC = files("atari_cli.server").joinpath("static")


def fetch(ways: Ways, path: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
    connection: HTTPConnection = ways.connection()
    connection.request("GET", path, headers={k.replace("_", "-"): v for k, v in headers.items()})
    response = connection.getresponse()
    named = {name.lower(): value for name, value in response.headers.items()}
    return response.status, named, response.read()


def test_every_file_of_the_pages_is_served_with_its_type(ways: Ways) -> None:
    types = {"html": "text/html", "js": "text/javascript", "css": "text/css", "svg": "image/svg"}
    for folder in ("web", "docs"):
        for file in STATIC.joinpath(folder).iterdir():
            status, headers, body = fetch(ways, f"/{folder}/{file.name}")
            assert (status, body) == (200, file.read_bytes()), file.name
            assert headers["content-type"].startswith(types[file.name.rpartition(".")[2]])
            assert headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("path", ["/web/", "/docs/docs.js", "/web/games.json"])
def test_a_cached_file_is_not_sent_again(ways: Ways, path: str) -> None:
    status, headers, body = fetch(ways, path)
    assert (status, headers["cache-control"]) == (200, "no-cache")
    assert len(body) > 50
    again = fetch(ways, path, If_None_Match=f'"other", W/{headers["etag"]}')
    assert (again[0], again[2]) == (304, b"")
    assert "content-length" not in again[1]
    assert fetch(ways, path, If_None_Match='"other"')[0] == 200


@pytest.mark.parametrize(
    "path",
    [
        "/web/none.js",
        "/web/..%2fdocs%2findex.html",
        "/web/../pages.py",
        "/docs/..%2f..%2fpages.py",
        "/web/index.py",
        "/web/.html",
        "/web/pictures/..%2f..%2fweb%2ficon.png",
        "/web/pictures/none.png",
    ],
)
def test_no_other_file_is_served(ways: Ways, path: str) -> None:
    assert fetch(ways, path)[0] == 404


def test_no_page_contains_inline_scripts_or_styles(ways: Ways) -> None:
    for path in ("/web/", "/docs"):
        _, headers, body = fetch(ways, path)
        assert "unsafe" not in headers["content-security-policy"]
        assert b"<style" not in body
        assert b" style=" not in body
        assert b"<script>" not in body


def test_all_games_are_listed_and_have_a_picture(ways: Ways) -> None:
    listed = ways.ask("GET", "/web/games.json").body["games"]
    assert [game["id"] for game in listed] == [game.id for game in all_games()]
    pong = next(game for game in listed if game["id"] == "pong")
    assert (pong["fps"], pong["height"], pong["controller"]) == (60, 210, "paddle")
    assert pong["actions"][0] == "NOOP"
    for game in listed:
        status, headers, body = fetch(ways, f"/web/pictures/{game['id']}.png")
        assert (status, headers["content-type"]) == (200, "image/png")
        assert imageio.imread(body).shape[:2] == (game["height"], 160)


def test_the_settings_in_the_form_come_from_the_configuration(ways: Ways) -> None:
    assert ways.ask("GET", "/web/games.json").body["settings"] == settings_form()


def test_the_page_learns_what_the_server_needs_and_lacks(start: Start) -> None:
    told = start().ask("GET", "/web/games.json").body
    assert (told["needs_token"], told["no_video"]) == (False, None)
    shown = {"Authorization": "Bearer t"}
    assert start(token="t").ask("GET", "/web/games.json", **shown).body["needs_token"] is True


@pytest.mark.parametrize(
    ("headers", "status", "reason"),
    [
        ({}, 204, ""),
        ({"Origin": "http://localhost", "Host": "localhost", "Content_Type": JSON}, 204, ""),
        (
            {"Origin": "http://localhost", "Host": "127.0.0.1:8000"},
            403,
            "a proxy must pass on Host",
        ),
        ({"Host": "games.example.com"}, 421, "--allow-host"),
    ],
)
def test_a_page_can_ask_why_no_websocket_opens(
    ways: Ways, headers: dict[str, str], status: int, reason: str
) -> None:
    reply = ways.ask("POST", "/web/check", {}, **headers)
    assert reply.status == status
    assert reason in str(reply.body)


def test_the_pictures_are_small() -> None:
    sizes = [len(file.read_bytes()) for file in STATIC.joinpath("pictures").iterdir()]
    assert len(sizes) == len(all_games())
    assert sum(sizes) < 80_000


def test_a_login_sets_a_cookie_that_grants_access(start: Start) -> None:
    ways = start(token="secret")
    assert ways.ask("GET", "/web/").status == 200
    assert ways.ask("GET", "/web/games.json").status == 401
    wrong = ways.ask("POST", "/web/login", {"token": "guess"})
    assert (wrong.status, "set-cookie" in wrong.headers) == (401, False)
    right = ways.ask("POST", "/web/login", {"token": "secret"})
    assert (right.status, right.headers["cache-control"]) == (204, "no-store")
    cookie = right.headers["set-cookie"]
    assert "HttpOnly; SameSite=Lax" in cookie
    framed = {"Origin": "https://localhost", "Host": "localhost", "Content_Type": JSON}
    framed_cookie = ways.ask("POST", "/web/login", {"token": "secret"}, **framed)
    assert framed_cookie.headers["set-cookie"].endswith("SameSite=None; Secure; Partitioned")
    shown = {"Cookie": cookie.partition(";")[0]}
    assert ways.ask("GET", "/web/games.json", **shown).status == 200
    with ways.talk(additional_headers=shown) as socket:
        assert socket.response is not None


@pytest.mark.parametrize("document", [None, {}, [], {"token": 3}, {"token": "s", "more": 1}])
def test_an_invalid_login_is_refused(start: Start, document: object) -> None:
    assert start(token="secret").ask("POST", "/web/login", document).status == 422


def test_foreign_pages_can_neither_log_in_nor_read(start: Start) -> None:
    ways = start(token="secret")
    evil = {"Origin": "https://evil.example", "Content_Type": "application/json"}
    assert ways.ask("POST", "/web/login", {"token": "secret"}, **evil).status == 403
    assert ways.ask("GET", "/web/", Host="evil.example").status == 421
    form = {"Sec_Fetch_Site": "same-origin"}
    assert ways.ask("POST", "/web/login", {"token": "secret"}, **form).status == 415


def test_a_login_without_a_token_on_the_server_succeeds(ways: Ways) -> None:
    reply = ways.ask("POST", "/web/login", {"token": "any"})
    assert (reply.status, "set-cookie" in reply.headers) == (204, False)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/web/", True),
        ("/web/app.js", True),
        ("/web/games.json", False),
        ("/web/state", False),
        ("/web/pictures/pong.png", False),
        ("/docs", False),
        ("/metadata", False),
    ],
)
def test_only_the_page_itself_is_open_to_all(start: Start, path: str, expected: bool) -> None:
    assert (start(token="secret").ask("GET", path).status != 401) is expected


def test_the_page_can_be_left_out(start: Start, ways: Ways) -> None:
    for path in ("/", "/web"):
        reply = ways.ask("GET", f"{path}?game=pong&seed=5")
        assert (reply.status, reply.headers["location"]) == (307, "./web/?game=pong&seed=5")
    assert ways.ask("GET", "/web").headers["location"] == "./web/"
    assert "<!doctype html>" in ways.ask("GET", "/web/").body
    assert start(web=False).ask("GET", "/web/").status == 404


def test_the_pages_need_nothing_from_other_hosts(ways: Ways) -> None:
    for path in ("/docs", "/web/"):
        reply = ways.ask("GET", path)
        assert reply.status == 200
        assert "http://" not in reply.body
        assert "https://" not in reply.body
        policy = reply.headers["content-security-policy"]
        assert policy.startswith("default-src 'self'")
        assert "frame-ancestors 'self' https://huggingface.co " in policy
