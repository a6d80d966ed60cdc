"""The keys of the page in Chromium: which of them play, and what the page says of them."""

import json

import pytest

from tests.page.browser import Page
from tests.page.test_page import ACTION, FRAME, OVERLAY, play
from tests.server.conftest import Ways

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("page")]

HINT = "document.getElementById('hint').innerText"


def test_up_and_down_move_the_paddle_of_pong(page: Page, ways: Ways) -> None:
    play(page, ways, "pong")
    for key, action in (("ArrowUp", "RIGHT"), ("KeyS", "LEFT"), ("ArrowLeft", "LEFT")):
        page.key_down(key)
        page.wait(f"{ACTION} === '{action}'")
        page.key_up(key)
        page.wait(f"{ACTION} === 'NOOP'")


def test_of_two_opposite_keys_the_one_pressed_last_counts(page: Page, ways: Ways) -> None:
    play(page, ways)
    page.key_down("KeyD", "d")
    page.wait(f"{ACTION} === 'RIGHT'")
    page.key_down("ArrowLeft")
    page.wait(f"{ACTION} === 'LEFT'")
    page.key_down("ArrowRight")
    page.wait(f"{ACTION} === 'RIGHT'")
    page.key_up("ArrowRight")
    page.wait(f"{ACTION} === 'LEFT'")
    page.key_up("ArrowLeft")
    page.wait(f"{ACTION} === 'RIGHT'")


@pytest.mark.parametrize(
    ("game", "said", "not_said"),
    [
        ("pong", "↑ ↓ or W S or the pointer move the paddle", "←"),
        ("breakout", "← → or A D or the pointer move the paddle", "↑"),
        ("freeway", "↑ ↓ or W S move", "Space"),
        ("ms_pacman", "← ↑ ↓ → or A W S D move", "Space"),
        ("seaquest", "← ↑ ↓ → or A W S D move", "pointer"),
    ],
)
def test_the_hint_names_the_keys_of_the_game(
    page: Page, ways: Ways, game: str, said: str, not_said: str
) -> None:
    play(page, ways, game)
    assert said in page.run(f"{HINT}.replace(/\\s+/g, ' ')")
    assert not_said not in page.run(HINT)


AZERTY = {"KeyW": "z", "KeyA": "q", "KeyS": "s", "KeyD": "d", "KeyQ": "a", "KeyM": ","}
LAYOUT = f"""
Object.defineProperty(navigator, "keyboard", {{value: {{
  getLayoutMap: async () => new Map(Object.entries({json.dumps(AZERTY)})),
}}}});
"""


@pytest.mark.parametrize("is_told", [True, False])
def test_the_keys_of_another_layout_are_named_as_they_are_printed(
    page: Page, ways: Ways, is_told: bool
) -> None:
    none = "Object.defineProperty(navigator, 'keyboard', {value: undefined});"
    page.tell("Page.addScriptToEvaluateOnNewDocument", source=LAYOUT if is_told else none)
    play(page, ways, "seaquest")
    if not is_told:
        assert "A W S D" in page.run(f"{HINT}.replace(/\\s+/g, ' ')")
        for code in ("KeyA", "KeyW"):
            page.press(code, AZERTY[code])
    page.wait(f"{HINT}.replace(/\\s+/g, ' ').includes('or Q Z S D move')")
    page.key_down("KeyA", "q")
    page.wait(f"{ACTION} === 'LEFT'")


def test_commands_go_by_the_letter_and_else_by_the_place(page: Page, ways: Ways) -> None:
    play(page, ways)
    muted = "document.getElementById('mute').ariaPressed"
    page.press("Semicolon", "m")  # AZERTY
    page.wait(f"{muted} === 'true'")
    page.press("KeyM", "ь")  # Russian
    page.wait(f"{muted} === 'false'")
    page.press("KeyP", "l")  # Dvorak, where P is elsewhere
    page.press("KeyR", "p")
    page.wait(f"{OVERLAY}.innerText.includes('Paused')")


def test_arrow_keys_scroll_a_panel_of_code_that_has_the_focus(page: Page, ways: Ways) -> None:
    page.size(1000, 800)
    play(page, ways)
    page.click("#tab-calls")
    page.wait("document.getElementById('shell').textContent.includes('curl')")
    page.run("document.getElementById('shell').parentElement.focus()")
    key = {"code": "ArrowRight", "key": "ArrowRight", "windowsVirtualKeyCode": 39}
    page.tell("Input.dispatchKeyEvent", type="rawKeyDown", **key)
    page.wait("document.getElementById('shell').parentElement.scrollLeft > 0")
    page.key_up("ArrowRight")
    frame = page.run(FRAME)
    page.wait(f"{FRAME} > {frame} + 10")
    assert page.run(ACTION) == "NOOP"


def test_enter_resumes_and_begins_again(page: Page, ways: Ways) -> None:
    play(page, ways)
    page.press("KeyP", "p")
    page.wait(f"{OVERLAY}.innerText.includes('Paused')")
    page.enter()
    page.wait(f"{OVERLAY}.hidden")
    page.enter()
    frame = page.run(FRAME)
    page.wait(f"{FRAME} > {frame} + 10")
