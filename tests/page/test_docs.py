"""The page that describes the API, in Chromium, with a real server."""

import pytest

from atari_cli.server.routes.table import ROUTES
from tests.page.browser import Page
from tests.server.conftest import Start

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("page")]


def operation(summary: str) -> str:
    """Return an expression that finds an operation by the text of its summary."""
    found = f"one.firstChild.textContent.startsWith({summary!r})"
    return f"[...document.querySelectorAll('#operations details')].find(one => {found})"


def test_its_example_names_the_token_that_the_server_needs(page: Page, start: Start) -> None:
    page.open(f"{start(token='open-sesame').server.url}/docs?token=open-sesame")
    page.wait("document.getElementById('example').textContent.includes('Bearer $ATARI_TOKEN')")
    assert page.run("location.search") == ""


def test_a_large_seed_in_a_reply_is_exact(page: Page, start: Start) -> None:
    page.open(f"{start().server.url}/docs")
    page.wait(f"document.querySelectorAll('#operations details').length === {len(ROUTES)}")
    reset = operation("POST /reset ")
    page.run(f"""{reset}.querySelector('textarea').value = '{{"seed": {2**60 + 1}}}'""")
    page.run(f"{reset}.querySelector('button').click(), 0")
    page.wait(f"{reset}.querySelector('pre').textContent.includes('{2**60 + 1}')")


def test_it_shows_every_route_and_sends_requests(page: Page, start: Start) -> None:
    page.open(f"{start().server.url}/docs")
    page.wait(f"document.querySelectorAll('#operations details').length === {len(ROUTES)}")
    reset, task = operation("POST /reset "), operation("POST /{name}/task ")
    assert "Unknown session_id" in page.run(f"{reset}.textContent")
    for one, expected in ((reset, "200 OK"), (task, "adventure")):
        page.run(f"{one}.querySelector('button').click(), 0")
        page.wait(f"{one}.querySelector('pre').textContent.includes({expected!r})")
