"""The page of the server in its image, locked down as documented, in Chromium."""

from pathlib import Path

import pytest

from tests.image.test_container import RUNS, docker, serving
from tests.image.test_container import alone as alone  # fixtures are found by their names
from tests.image.test_container import image as image
from tests.page.browser import Page
from tests.page.conftest import browser as browser
from tests.page.conftest import page as page
from tests.page.test_page import FRAME, OVERLAY, STARTED, drop, save_file, settled

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("docker")]

(LOCKED_DOWN,) = (line.split() for line in RUNS if "--read-only" in line)


def test_every_button_of_the_page_works_in_the_locked_down_container(
    page: Page, tmp_path: Path
) -> None:
    with serving(*LOCKED_DOWN[5:-1]) as container:
        page.open(f"http://{container.address}/web/")
        page.wait("document.querySelectorAll('#games a').length === 104")
        page.click("#about")
        page.wait("document.getElementById('words').textContent.includes('Atari 2600')")
        page.click("#readme button")
        page.click("#games a[href$='breakout']")
        page.wait(STARTED)
        try_the_tools(page)
        try_the_panels(page)
        page.click("#screen")  # the keys go to the game again
        recording = save_file(page, tmp_path)
        assert page.run("document.getElementById('mp4').disabled")
        assert "atari replay" in page.run("document.getElementById('novideo').textContent")
        drop(page, recording)
        page.wait(f"!document.getElementById('seek').hidden && {FRAME} > 1")
        page.press("KeyP", "p")
        settled(page)
        page.run(
            "(e => {e.value = 3; e.dispatchEvent(new Event('input'))})"
            "(document.getElementById('position'))"
        )
        page.wait("document.getElementById('place').textContent.startsWith('3 /')")
        page.open(f"http://{container.address}/docs")
        page.wait("document.querySelectorAll('#operations details').length > 20")
        assert page.errors == []
        assert docker("diff", container.name).stdout == ""
        assert "Traceback" not in docker("logs", container.name).stderr


def try_the_tools(page: Page) -> None:
    """Press every button below the screen."""
    page.click("#pause")
    page.wait(f"{OVERLAY}.innerText.includes('Paused')")
    stands = settled(page)
    page.click("#advance")
    page.wait(f"{FRAME} === {stands + 1}")
    for toggle in ("mute", "phosphor"):
        page.click(f"#{toggle}")
        page.wait(f"document.getElementById('{toggle}').ariaPressed === 'true'")
    page.click("#fullscreen")
    page.wait("document.fullscreenElement !== null")
    page.run("document.exitFullscreen()")
    page.wait("document.fullscreenElement === null")
    page.run("document.getElementById('speed').value = '2'")
    page.run("document.getElementById('speed').dispatchEvent(new Event('change'))")
    page.click("#reset")
    page.wait("document.getElementById('lines').textContent.includes('episode 2')")


def try_the_panels(page: Page) -> None:
    """Open every panel and press its buttons."""
    page.click("#legal button:nth-child(2)")
    page.wait("document.getElementById('lines').textContent.includes('FIRE × 4')")
    page.click("#tab-settings")
    page.click("#form button")
    page.wait("document.getElementById('lines').textContent.includes('episode 3')")
    for panel, text in (("calls", "curl"), ("state", "breakout"), ("log", "episode 3")):
        page.click(f"#tab-{panel}")
        page.wait(f"document.getElementById('{panel}').innerText.includes('{text}')")
    page.click("#tab-share")
    page.click("#copy")
    page.wait("document.getElementById('toast').textContent !== ''")
