"""The page in Chromium, behind Debian's nginx."""

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from atari_cli.config import ServeConfig
from tests.page.browser import Browser, Page
from tests.page.proxy import NAME, certificate, free_port, nginx
from tests.page.test_page import FRAME, OVERLAY, STARTED, drop, pause, save_file
from tests.server.conftest import Start, Ways

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("page")]

DOCUMENT = (Path(__file__).parents[2] / "docs" / "server.md").read_text("utf-8")
DOCUMENTED = re.findall(r"^```nginx\n(.*?)^```", DOCUMENT, re.MULTILINE | re.DOTALL)[0]
HEADERS = """proxy_http_version 1.1;
proxy_set_header Host $http_host;
proxy_set_header Upgrade $http_upgrade;
proxy_set_header Connection "upgrade";"""

Proxy = Callable[[Ways, str], int]


@pytest.fixture
def proxy(tmp_path: Path) -> Iterator[Proxy]:
    """Return a function that puts nginx before a server, below /atari/, and returns its port."""
    with ExitStack() as stack:

        def begin(ways: Ways, headers: str) -> int:
            port, place = free_port(), f"http://127.0.0.1:{ways.address[1]}/"
            location = f"location /atari/ {{ proxy_pass {place};\n{headers} }}"
            servers = f"server {{ listen 127.0.0.1:{port};\n{location} }}"
            stack.enter_context(nginx(tmp_path, servers))
            return port

        yield begin


def test_the_page_works_below_a_prefix(
    page: Page, browser: Browser, ways: Ways, proxy: Proxy, tmp_path: Path
) -> None:
    port = proxy(ways, HEADERS)
    page.open(f"http://127.0.0.1:{port}/atari/?game=breakout&seed=5", STARTED)
    assert page.run("location.pathname + location.search") == "/atari/web/?game=breakout&seed=5"
    assert page.run("document.getElementById('subtitle').textContent") == "seed 5"
    page.click("#tab-calls")
    page.wait("document.getElementById('python').textContent.includes('/atari\"')")
    recording = save_file(page, tmp_path)
    link = page.run("document.getElementById('watchlink').value")
    with browser.page() as other:
        other.open(link, STARTED)
        assert other.errors == []
    page.click(".brand")
    page.wait("document.querySelector('#games img').naturalWidth === 160")
    page.click("#about")
    page.wait("document.getElementById('readme').open")
    page.run("document.getElementById('readme').close()")
    drop(page, recording)
    page.wait(f"!document.getElementById('seek').hidden && {FRAME} > 1")
    page.open(f"http://127.0.0.1:{port}/atari/docs/")
    page.wait("document.querySelectorAll('#operations details').length > 20")
    page.run("[...document.querySelectorAll('#operations button')].at(0).click(), 0")
    page.wait("document.querySelector('#operations pre').textContent.includes('healthy')")
    assert page.errors == []
    assert all(path.startswith("/atari/") for path in page.paths), page.paths


def test_the_documented_configuration_of_nginx_works(
    page: Page, start: Start, tmp_path: Path
) -> None:
    """As documented, except for the ports and the place of the certificate."""
    named = re.findall(r"atari serve (--.*)", DOCUMENT)[0]
    assert f"--allow-host {NAME}" in named
    ways, port = start(token="open-sesame", allow_hosts=(NAME,)), free_port()
    servers = DOCUMENTED
    for written, meant in (
        ("listen 443", f"listen 127.0.0.1:{port}"),
        (f":{ServeConfig.port}/", f":{ways.address[1]}/"),
        *zip(
            re.findall(r"/etc/ssl\S+?(?=;)", DOCUMENTED),
            map(str, certificate(tmp_path)),
            strict=True,
        ),
    ):
        assert servers.count(written) == 1
        servers = servers.replace(written, meant)
    page.trust()
    with nginx(tmp_path, servers):
        page.open(f"https://{NAME}:{port}/atari/?game=pong&token=open-sesame", STARTED)
        assert page.run("location.href") == f"https://{NAME}:{port}/atari/web/?game=pong"
        recording = save_file(page, tmp_path)
        recording.write_bytes(recording.read_bytes() + bytes(2 << 20))  # a longer one
        drop(page, recording)
        page.wait("document.getElementById('toast').textContent.includes('not a whole recording')")
        page.open(f"https://{NAME}:{port}/atari/web/?game=pong", STARTED)
        assert not page.run("document.getElementById('login').open")


@pytest.mark.parametrize(
    ("headers", "reason"),
    [
        ("", "a proxy must pass on Host"),
        ("proxy_set_header Host $http_host;", "no WebSocket opens: a proxy"),
    ],
)
def test_a_page_whose_proxy_passes_too_little_on_says_so(
    page: Page, ways: Ways, proxy: Proxy, headers: str, reason: str
) -> None:
    port = proxy(ways, headers)
    page.open(f"http://127.0.0.1:{port}/atari/web/?game=pong")
    page.wait(f"{OVERLAY}.innerText.includes({reason!r})")


FRAMING = """
server {{ listen 127.0.0.1:{outer}{tls}; location / {{ default_type text/html;
    return 200 '<!doctype html><iframe src="{scheme}://127.0.0.1:{inner}/web/?game=pong"
        width="900" height="700"></iframe>'; }} }}
server {{ listen 127.0.0.1:{inner}{tls}; location / {{ proxy_pass http://127.0.0.1:{port}/;
    {headers} }} }}
"""


@pytest.mark.parametrize("scheme", ["https", "http"])
def test_a_page_in_a_frame_of_another_site_takes_the_token_or_says_why_not(
    page: Page, browser: Browser, start: Start, tmp_path: Path, scheme: str
) -> None:
    outer, inner, tls = free_port(), free_port(), ""
    ways = start(token="open-sesame", allow_origins=(f"{scheme}://{NAME}:{outer}",))
    if scheme == "https":
        pem, key = certificate(tmp_path)
        tls = f" ssl; ssl_certificate {pem}; ssl_certificate_key {key}"
    servers = FRAMING.format(
        outer=outer, inner=inner, tls=tls, scheme=scheme, port=ways.address[1], headers=HEADERS
    )
    page.trust()
    with nginx(tmp_path, servers):
        page.open(f"{scheme}://{NAME}:{outer}/")
        with browser.frame(f"{scheme}://127.0.0.1:{inner}/") as frame:
            frame.wait("document.getElementById('login')?.open")
            frame.run("document.getElementById('token').value = 'open-sesame'")
            frame.run("document.querySelector('#login button').click()")
            if scheme == "https":
                frame.wait(STARTED)
                return
            frame.wait("document.getElementById('wrong').textContent.includes('keeps no cookie')")
            link = frame.run("document.getElementById('tab').href")
        page.open(link)
        page.wait("document.getElementById('login').open")
        page.run("document.getElementById('token').value = 'open-sesame'")
        page.click("#login button")
        page.wait(STARTED)
        assert pause(page)
