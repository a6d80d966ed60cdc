"""The page in Chromium: how it comes to its game, and back to it."""

import socket
from pathlib import Path

import pytest

from tests.page.browser import Browser, Page
from tests.page.test_page import (
    DEAF,
    FRAME,
    OVERLAY,
    STARTED,
    abort,
    drop,
    pause,
    play,
    save,
    settled,
)
from tests.server.conftest import Start, Ways

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("page")]

LINK = "document.getElementById('link').dataset.state"


def come_back(page: Page, ways: Ways) -> None:
    """Abort the connection, and wait until the page has another."""
    page.run(
        f"new MutationObserver(() => {LINK} === 'lost' && (window.wasLost = true))"
        ".observe(document.getElementById('link'), {attributes: true})"
    )
    abort(ways)
    page.wait(f"window.wasLost && {LINK} === 'open'")


def test_a_paused_game_stays_paused_when_its_connection_is_lost(page: Page, ways: Ways) -> None:
    play(page, ways)
    page.run("document.getElementById('speed').value = '0.5'")
    page.run("document.getElementById('speed').dispatchEvent(new Event('change'))")
    stands = pause(page)
    come_back(page, ways)
    page.wait(f"{OVERLAY}.innerText.includes('Paused')")
    assert settled(page) == stands
    (session,) = ways.server.sessions.all()
    assert session._pacer is not None
    assert (session._pacer.paused, session._pacer.speed) == (True, 0.5)
    page.enter()
    page.wait(f"{FRAME} > {stands}")


def test_a_paused_page_that_nobody_uses_says_that_its_game_ends_and_then_that_it_did(
    page: Page, start: Start
) -> None:
    ways = start(idle_timeout=12.0)
    play(page, ways)
    pause(page)
    page.wait(f"{OVERLAY}.innerText.includes('ends within')")
    page.wait(f"{LINK} === 'ended'")
    assert not ways.server.sessions.all()


def test_a_game_can_be_paused_while_its_connection_is_lost(page: Page, ways: Ways) -> None:
    play(page, ways)
    page.run("window.fetch = () => Promise.reject(new Error())")  # it does not come back yet
    abort(ways)
    page.wait(f"{LINK} === 'lost'")
    page.press("KeyP", "p")
    page.click("#overlay button")
    page.wait(f"{LINK} === 'open'")
    page.wait(f"{OVERLAY}.innerText.includes('Paused')")
    stands = settled(page)
    assert settled(page) == stands


def test_a_replay_comes_back_as_it_was_and_has_an_address(
    page: Page, ways: Ways, tmp_path: Path
) -> None:
    file = save(page, ways, tmp_path)
    page.open(f"{ways.server.url}/web/")
    page.wait("document.querySelectorAll('#games a').length === 104")
    drop(page, file)
    page.wait(f"{FRAME} > 1")
    page.press("KeyP", "p")
    stands = settled(page)
    come_back(page, ways)
    assert settled(page) == stands
    assert page.run("location.search") == f"?replay={file.name}"
    title = "document.getElementById('title').textContent"
    page.run("window.isOld = true")
    page.tell("Page.reload")
    page.wait("!window.isOld && document.readyState === 'complete'")
    page.wait(f"{title}.startsWith('Breakout') && {FRAME} > 1")
    page.click(".brand")
    page.wait("!document.getElementById('start').hidden")
    page.run("history.back(), 0")
    page.wait(f"{title}.startsWith('Breakout') && {FRAME} > 1")
    assert page.run("document.getElementById('start').hidden")


def test_the_address_of_a_replay_that_another_tab_keeps_says_so(page: Page, ways: Ways) -> None:
    page.open(f"{ways.server.url}/web/?replay=game.npz")
    page.wait("document.getElementById('toast').textContent.includes('drop it here again')")
    assert not page.run("document.getElementById('start').hidden")


def test_a_silent_connection_is_noticed_within_eight_seconds(page: Page, ways: Ways) -> None:
    page.tell("Page.addScriptToEvaluateOnNewDocument", source=DEAF)
    play(page, ways)
    page.run("window.late = 1e-9, 0")  # nothing is heard from now on
    page.wait(f"{LINK} === 'lost'", seconds=8)
    page.wait(f"{LINK} === 'open'")


def test_a_paused_game_is_not_taken_for_a_silent_connection(page: Page, ways: Ways) -> None:
    play(page, ways)
    pause(page)
    page.run(f"new MutationObserver(() => window.changed = {LINK})"
             ".observe(document.getElementById('link'), {attributes: true})")  # fmt: skip
    page.run("new Promise(done => setTimeout(done, 7000))")
    assert page.run("window.changed ?? 'never'") == "never"


def test_the_end_of_a_session_begins_no_other(page: Page, ways: Ways) -> None:
    play(page, ways)
    (session,) = ways.server.sessions.all()
    ways.server.sessions.close(session)
    page.wait(f"{OVERLAY}.innerText.includes('The session has ended')")
    assert len(ways.server.sessions) == 0
    page.enter()
    page.wait(f"{OVERLAY}.hidden && {FRAME} > 5")


HEARD = """
const connect = AudioNode.prototype.connect;
AudioNode.prototype.connect = function (node, ...more) {
  if (node instanceof AudioDestinationNode) {
    window.ear = this.context.createAnalyser();
    connect.call(this, ear);
  }
  return connect.call(this, node, ...more);
};
window.loudest = () => {
  const samples = new Float32Array(ear.fftSize);
  ear.getFloatTimeDomainData(samples);
  return Math.max(...samples.map(Math.abs));
};
"""


def own_address() -> str:
    """Return an address of this machine by which others reach it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # sends nothing
        except OSError:
            pytest.skip("needs an address other than the loopback")
        address: str = probe.getsockname()[0]
        return address


def test_the_page_plays_with_sound_over_plain_http_from_another_address(
    page: Page, start: Start
) -> None:
    ways = start(host="0.0.0.0", allow_unauthenticated=True)
    page.tell("Page.addScriptToEvaluateOnNewDocument", source=HEARD)
    url = f"http://{own_address()}:{ways.address[1]}"
    page.open(f"{url}/web/?game=space_invaders", STARTED)
    assert not page.run("isSecureContext")
    page.key_down("Space", " ")
    page.wait("window.ear && loudest() > 0.02")
    page.key_up("Space", " ")
    pause(page)
    page.wait("loudest() < 0.001")
    page.click("#tab-share")
    page.click("#copy")
    page.wait("document.getElementById('toast').textContent.startsWith('Press')")
    page.click("#fullscreen")
    page.wait("document.fullscreenElement !== null")
    page.run("document.exitFullscreen()")
    page.run("dispatchEvent(new Event('gamepadconnected'))")
    assert page.errors == []


def test_the_link_to_watch_needs_no_token(page: Page, browser: Browser, start: Start) -> None:
    ways = start(token="open-sesame")
    page.open(f"{ways.server.url}/web/?game=breakout&token=open-sesame", STARTED)
    link = page.run("document.getElementById('watchlink').value")
    with browser.page() as other:
        other.open(link, STARTED)
        assert not other.run("document.getElementById('login').open")
        abort(ways)
        other.wait(f"{LINK} === 'lost'")
        other.wait(f"{LINK} === 'open'")
        assert not other.run("document.getElementById('login').open")
