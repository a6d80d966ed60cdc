"""The page in Chromium, with a real server."""

import base64
import json
from pathlib import Path
from urllib.parse import quote

import pytest

from atari_cli.config import settings_form
from atari_cli.games import find_game
from atari_cli.recording import load_recording
from tests.page.browser import Browser, Page
from tests.server.conftest import Start, Ways
from tests.server.page import Page as Player

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("page")]

FRAME = "Number(document.getElementById('frame').textContent)"
ACTION = "document.getElementById('action').textContent"
OVERLAY = "document.getElementById('overlay')"
PICTURE = "document.getElementById('screen').toDataURL()"
STARTED = f"{FRAME} > 5"
PHONE = (390, 844)


def hosts(ways: Ways) -> set[str]:
    return {ways.server.url.removeprefix("http://")}


def play(page: Page, ways: Ways, game: str = "breakout", more: str = "seed=1") -> None:
    page.open(f"{ways.server.url}/web/?game={game}&{more}", STARTED)


def pause(page: Page) -> int:
    """Pause, and return the frame at which the game is paused."""
    page.press("KeyP", "p")
    page.wait(f"!{OVERLAY}.hidden")
    return settled(page)


def settled(page: Page) -> int:
    """Return the frame once it stays the same, when no message is on its way any longer."""
    frames = [-1]

    def is_same() -> bool:
        frames.append(page.run(f"new Promise(done => setTimeout(() => done({FRAME}), 150))"))
        return frames[-1] == frames[-2]

    page.until(is_same, "the frame stops changing")
    return frames[-1]


def test_the_start_screen_shows_all_games_and_contacts_no_other_host(
    page: Page, ways: Ways
) -> None:
    page.open(f"{ways.server.url}/web/")
    page.wait("document.querySelectorAll('#games a').length === 104")
    page.wait("document.querySelector('#games img').naturalWidth === 160")
    assert page.errors == []
    assert page.hosts == hosts(ways)


def test_a_game_can_be_picked_by_typing(page: Page, ways: Ways) -> None:
    page.open(f"{ways.server.url}/web/")
    page.wait("document.querySelectorAll('#games a').length === 104")
    page.type("breako")
    page.wait("document.getElementById('found').textContent === '1 game'")
    page.enter()
    page.wait(STARTED)
    assert page.run("document.getElementById('title').textContent").startswith("Breakout")
    assert page.run("location.search") == "?game=breakout"
    assert page.errors == []


def test_games_can_be_reached_with_the_arrow_keys(page: Page, ways: Ways) -> None:
    page.open(f"{ways.server.url}/web/")
    page.wait("document.querySelectorAll('#games a').length === 104")
    page.type("q")
    page.press("ArrowDown")
    page.press("ArrowRight")
    second = "[...document.querySelectorAll('#games li:not([hidden]) a')][1]"
    assert page.run(f"document.activeElement === {second}")


def test_games_can_be_filtered_by_number_of_actions(page: Page, ways: Ways) -> None:
    page.open(f"{ways.server.url}/web/")
    page.wait("document.querySelectorAll('#games a').length === 104")
    page.click("#counts input[value='3']")
    shown = page.run(
        "[...document.querySelectorAll('#games li:not([hidden]) small')].map(e => e.textContent)"
    )
    assert shown
    assert all(text.endswith("3 actions") for text in shown)


def test_keys_play_the_game(page: Page, ways: Ways) -> None:
    play(page, ways)
    before = page.run(PICTURE)
    page.key_down("Space", " ")
    page.wait(f"{ACTION} === 'FIRE'")
    page.key_down("ArrowRight")
    page.wait(f"{ACTION} === 'RIGHTFIRE'")
    page.wait(f"{PICTURE} !== {json.dumps(before)}")
    page.key_up("Space", " ")
    page.key_up("ArrowRight")
    page.wait(f"{ACTION} === 'NOOP'")
    assert page.errors == []


def test_a_gamepad_plays_the_game(page: Page, ways: Ways) -> None:
    play(page, ways)
    page.run(
        "window.buttons = Array.from({length: 16}, (_, number) => ({pressed: number === 0}));"
        "navigator.getGamepads = () => [{connected: true, axes: [-1, 0], buttons: window.buttons}];"
        "dispatchEvent(new Event('gamepadconnected'))"
    )
    page.wait(f"{ACTION} === 'LEFTFIRE'")


EAR = """
window.AudioWorkletNode = class extends AudioWorkletNode {
  constructor(context, ...given) {
    super(context, ...given);
    window.ear = context.createAnalyser();
    this.connect(ear);
  }
};
window.loudest = () => {
  const samples = new Float32Array(ear.fftSize);
  ear.getFloatTimeDomainData(samples);
  return Math.max(...samples.map(Math.abs));
};
"""


def test_sound_plays_from_the_first_key_until_the_game_is_paused(page: Page, ways: Ways) -> None:
    page.tell("Page.addScriptToEvaluateOnNewDocument", source=EAR)
    play(page, ways, "space_invaders")
    page.key_down("Space", " ")
    page.wait("window.ear && loudest() > 0.02")
    page.key_up("Space", " ")
    pause(page)
    page.wait("loudest() < 0.001")
    assert page.errors == []


def test_reset_starts_another_episode(page: Page, ways: Ways) -> None:
    play(page, ways)
    page.wait(f"{FRAME} > 60")
    page.click("#reset")
    page.wait(f"{FRAME} < 40")
    page.wait("document.getElementById('lines').innerText.includes('episode 2')")


def test_a_link_can_give_game_seed_and_settings(page: Page, ways: Ways) -> None:
    play(page, ways, "pong", "seed=7&difficulty=1&noop_max=5")
    assert page.run("document.getElementById('subtitle').textContent") == "seed 7"
    page.click("#tab-calls")
    page.wait("document.getElementById('python').textContent.includes('difficulty=1')")
    assert "noop_max=5" in page.run("document.getElementById('python').textContent")
    assert '"seed":7' in page.run("document.getElementById('shell').textContent")
    assert "TOKEN" not in page.run("document.getElementById('calls').textContent")


@pytest.mark.parametrize("game", ["Pong", "video%20olympics", "PONG"])
def test_a_link_can_spell_the_game_in_any_way(page: Page, ways: Ways, game: str) -> None:
    play(page, ways, game)
    assert page.run("document.getElementById('title').textContent") == "Pong (Video Olympics)"


def test_a_seed_beyond_the_numbers_of_javascript_is_exact(page: Page, ways: Ways) -> None:
    seed = 2**60 + 1
    play(page, ways, "pong", f"seed={seed}")
    (session,) = ways.server.sessions.all()
    assert session.state().seed == seed
    assert page.run("document.getElementById('subtitle').textContent") == f"seed {seed}"
    for tab, panel, text in (
        ("calls", "python", f"seed={seed},"),
        ("calls", "shell", f'"seed":{seed},'),
        ("state", "json", f'"seed": {seed}'),
    ):
        page.click(f"#tab-{tab}")
        page.wait(f"document.getElementById('{panel}').textContent.includes({text!r})")
    page.click("#tab-settings")
    page.run(f"document.querySelector('#fields [name=seed]').value = '{seed + 2}'")
    page.click("#form button")
    page.wait(f"document.getElementById('subtitle').textContent === 'seed {seed + 2}'")
    page.click("#reset")
    page.wait("document.getElementById('lines').textContent.includes('episode 3')")
    assert session.state().seed == seed + 2


def test_the_calls_name_the_token_that_the_server_needs(page: Page, start: Start) -> None:
    ways = start(token="open-sesame")
    page.open(f"{ways.server.url}/web/?game=pong&token=open-sesame", STARTED)
    page.click("#tab-calls")
    page.wait("document.getElementById('shell').textContent.includes('Bearer $ATARI_TOKEN')")
    page.wait(
        """document.getElementById('python').textContent.includes('environ["ATARI_TOKEN"]')"""
    )


def test_an_episode_that_is_cut_off_is_not_called_over(page: Page, ways: Ways) -> None:
    play(page, ways, "pong", "seed=1&max_frames=60")
    page.wait(f"{OVERLAY}.innerText.includes('Cut off')")
    assert "Game over" not in page.run(f"{OVERLAY}.innerText")
    page.enter()
    page.wait("document.getElementById('lines').textContent.includes('episode 2')")


def test_a_seed_that_is_not_a_number_is_refused(page: Page, ways: Ways) -> None:
    page.open(f"{ways.server.url}/web/?game=pong&seed=seven")
    page.wait("document.getElementById('toast').textContent.includes('seed')")
    assert not page.run("document.getElementById('start').hidden")


@pytest.mark.parametrize(
    ("name", "game"),
    [
        ("ALE/MsPacman-v5", "ms_pacman"),
        ("PongNoFrameskip-v4", "pong"),
        ("Montezuma's Revenge", "montezuma_revenge"),
    ],
)
def test_a_link_may_spell_the_game_in_any_way(page: Page, ways: Ways, name: str, game: str) -> None:
    page.open(f"{ways.server.url}/web/?game={quote(name)}", STARTED)
    (session,) = ways.server.sessions.all()
    assert session.state().game_name == game


def test_an_unknown_game_leads_to_the_start_screen(page: Page, ways: Ways) -> None:
    page.open(f"{ways.server.url}/web/?game=quake")
    page.wait("!document.getElementById('start').hidden")
    page.wait("document.getElementById('toast').textContent.includes('quake')")


def test_a_paused_game_stops_and_can_be_resumed(page: Page, ways: Ways) -> None:
    play(page, ways)
    stands = pause(page)
    assert "Paused" in page.run(f"{OVERLAY}.innerText")
    assert settled(page) == stands
    page.press("KeyP", "p")
    page.wait(f"{FRAME} > {stands} && {OVERLAY}.hidden")


def test_an_action_is_played_for_the_given_number_of_frames(page: Page, ways: Ways) -> None:
    play(page, ways)
    stands = pause(page)
    page.run("document.getElementById('frames').value = 6")
    page.click("#legal button:nth-child(5)")
    page.wait(f"{FRAME} === {stands + 6}")
    assert page.run(ACTION) == "LEFT"
    assert settled(page) == stands + 6


@pytest.mark.parametrize("frames", [-3, 999])
def test_an_invalid_number_of_frames_is_refused(page: Page, ways: Ways, frames: int) -> None:
    play(page, ways)
    page.run(f"document.getElementById('frames').value = {frames}")
    page.click("#legal button:nth-child(5)")
    frame = page.run(FRAME)
    page.wait(f"{FRAME} > {frame} + 5")  # it continues
    assert page.run("document.activeElement.id") == "frames"
    assert page.errors == []


def test_the_form_starts_an_episode_with_its_settings(page: Page, ways: Ways) -> None:
    play(page, ways)
    page.click("#tab-settings")
    page.wait("Boolean(document.querySelector('#fields [name=seed]'))")
    page.run("document.querySelector('#fields [name=seed]').value = 42")
    page.click("#form button")
    page.wait("document.getElementById('subtitle').textContent === 'seed 42'")
    page.run("document.querySelector('#fields [name=frameskip]').value = 0")
    page.run("document.getElementById('form').noValidate = true")
    page.click("#form button")
    page.wait("document.getElementById('refused').textContent.includes('frameskip')")
    assert not page.run("document.getElementById('play').hidden")


def test_the_form_has_the_settings_of_the_configuration(page: Page, ways: Ways) -> None:
    play(page, ways)
    shown = page.run(
        "[...document.querySelectorAll('#fields [name]')].map(field => [field.name,"
        " field.type === 'checkbox' ? field.checked : field.value, field.min, field.max])"
    )
    game = find_game("breakout")
    chosen = {"seed": 1, "mode": game.default_mode, "difficulty": game.default_difficulty}
    for (name, value, low, high), field in zip(shown, settings_form(), strict=True):
        default = chosen.get(name, field["default"])
        assert name == field["name"]
        assert value == (default if default is True else "" if default is None else f"{default:g}")
        if name not in chosen and default is not True:
            assert (low, high) == (str(field["minimum"]), str(field.get("maximum", "")))


@pytest.mark.parametrize("tool", ["volume", "mute"])
def test_keys_still_play_after_a_tool_was_clicked(page: Page, ways: Ways, tool: str) -> None:
    play(page, ways)
    page.click(f"#{tool}")
    page.key_down("ArrowLeft")
    page.wait(f"{ACTION} === 'LEFT'")


def test_a_tool_used_by_keyboard_keeps_the_focus(page: Page, ways: Ways) -> None:
    play(page, ways)
    page.run("document.getElementById('mute').focus()")
    page.enter()
    page.wait("document.getElementById('mute').ariaPressed === 'true'")
    assert page.run("document.activeElement.id") == "mute"


def test_a_game_restarts_when_the_user_navigates_back_to_it(page: Page, ways: Ways) -> None:
    play(page, ways)
    page.open(f"{ways.server.url}/docs")
    page.run("history.back(), 0")
    page.wait("location.pathname === '/web/' && document.readyState === 'complete'")
    page.wait("document.getElementById('link').dataset.state === 'open'")
    page.wait(STARTED)


def test_the_readme_can_be_shown(page: Page, ways: Ways) -> None:
    page.open(f"{ways.server.url}/web/")
    page.click("#about")
    page.wait("document.getElementById('readme').open")
    words = "document.getElementById('words')"
    assert page.run(f"{words}.firstChild.outerHTML") == "<h3>atari</h3>"
    assert page.run(f"{words}.querySelectorAll('table, ul, pre').length") > 5
    assert "](" not in page.run(f"{words}.textContent")


def test_the_ram_view_describes_each_byte(page: Page, ways: Ways) -> None:
    play(page, ways)
    page.run("document.getElementById('ram').focus()")
    page.press("ArrowRight")
    page.press("ArrowRight")
    page.wait("document.getElementById('cell').textContent.startsWith('$81 (1) = ')")


def test_the_state_is_shown(page: Page, ways: Ways) -> None:
    play(page, ways)
    page.click("#tab-state")
    page.wait("document.getElementById('json').textContent.includes('breakout')")


def test_a_phone_shows_a_stick_and_a_button(page: Page, ways: Ways) -> None:
    page.size(*PHONE, phone=True)
    play(page, ways)
    assert page.run("document.documentElement.scrollWidth") == PHONE[0]
    x, y = page.middle("#fire")
    page.touch("touchStart", (x, y))
    page.wait(f"{ACTION} === 'FIRE'")
    page.touch("touchEnd")
    x, y = page.middle("#stick")
    page.touch("touchStart", (x, y))
    page.touch("touchMove", (x - 50, y))
    page.wait(f"{ACTION} === 'LEFT'")
    page.touch("touchEnd")
    page.wait(f"{ACTION} === 'NOOP'")


@pytest.mark.parametrize("width", [360, 390, 768, 1280])
def test_the_page_is_never_wider_than_the_screen(page: Page, ways: Ways, width: int) -> None:
    page.size(width, 800, phone=width < 600)
    page.open(f"{ways.server.url}/web/")
    page.wait("document.querySelectorAll('#games a').length === 104")
    assert page.run("document.documentElement.scrollWidth <= innerWidth")
    play(page, ways)
    assert page.run("document.documentElement.scrollWidth <= innerWidth")


def test_a_token_is_asked_for_and_kept_out_of_the_address(page: Page, start: Start) -> None:
    ways = start(token="open-sesame")
    page.open(f"{ways.server.url}/web/?game=breakout")
    page.wait("document.getElementById('login').open")
    page.run("document.getElementById('token').value = 'wrong'")
    page.click("#login button")
    page.wait("document.getElementById('wrong').textContent !== ''")
    page.run("document.getElementById('token').value = 'open-sesame'")
    page.click("#login button")
    page.wait(STARTED)
    assert page.run("location.search") == "?game=breakout"
    assert "sesame" not in page.run("document.cookie")


def test_a_wrong_token_in_the_address_is_called_wrong(page: Page, start: Start) -> None:
    page.open(f"{start(token='open-sesame').server.url}/web/?game=pong&token=wrong")
    page.wait("document.getElementById('login').open")
    said = page.run("document.getElementById('wrong').innerText")
    assert said == "The token in the link is wrong."
    assert page.run("location.search + location.hash") == "?game=pong"


def test_a_lost_connection_is_reported_and_restored(page: Page, ways: Ways) -> None:
    play(page, ways)
    page.run(
        "new MutationObserver(() => window.said ||= document.getElementById('overlay').innerText)"
        ".observe(document.getElementById('overlay'), {attributes: true})"
    )
    frame = page.run(FRAME)
    abort(ways)
    page.wait("window.said?.includes('Connection lost')")
    page.wait(f"{OVERLAY}.hidden && {FRAME} > {frame}")
    assert page.run("document.getElementById('subtitle').textContent") == "seed 1"
    assert page.run("document.getElementById('lines').innerText.includes('connection was lost')")


DEAF = """
window.late = 0;
const now = performance.now.bind(performance);
performance.now = () => now() + late;
window.WebSocket = class extends WebSocket {
  constructor(...given) {
    super(...given);
    const first = !window.opened;
    window.opened = true;
    this.addEventListener("message", event => first && late && event.stopImmediatePropagation());
  }
};
"""


@pytest.mark.parametrize("kind", ["play", "replay"])
def test_a_silent_connection_is_replaced(page: Page, ways: Ways, tmp_path: Path, kind: str) -> None:
    file = save(page, ways, tmp_path)
    page.tell("Page.addScriptToEvaluateOnNewDocument", source=DEAF)
    if kind == "play":
        play(page, ways)
    else:
        page.open(f"{ways.server.url}/web/")
        page.wait("document.querySelectorAll('#games a').length === 104")
        drop(page, file)
        page.wait(f"{FRAME} > 1")
        page.press("KeyP", "p")
    settled_at = page.run(FRAME)
    page.run("window.late = 60000, 0")
    page.wait("document.getElementById('link').dataset.state === 'lost'")
    page.wait("document.getElementById('link').dataset.state === 'open'")
    page.wait(f"{FRAME} >= {settled_at}")


def test_a_game_taken_over_elsewhere_can_be_taken_back(page: Page, ways: Ways) -> None:
    play(page, ways)
    (session,) = ways.server.sessions.all()
    other = Player(ways, f"/ws?session_id={session.id}")
    other.ask("play", "playing", resume=True)
    page.wait(f"{OVERLAY}.innerText.includes('Played elsewhere')")
    page.click("#overlay button")
    page.wait("document.getElementById('link').dataset.state === 'open'")
    page.wait(f"{OVERLAY}.hidden && {FRAME} > 5")
    assert session.episodes == 1


def abort(ways: Ways) -> None:
    """Abort every connection, as a network failure does."""
    for handler in list(ways.server._listener.connections):
        handler.abort()


def test_others_can_watch_through_the_link(browser: Browser, page: Page, ways: Ways) -> None:
    play(page, ways)
    page.wait("document.getElementById('watchlink').value.includes('?watch=')")
    link = page.run("document.getElementById('watchlink').value")
    with browser.page() as other:
        other.open(link)
        other.wait(STARTED)
        assert other.run("document.getElementById('title').textContent").startswith("Breakout")
        assert other.run("document.getElementById('pause').hidden")
        assert other.errors == []


def test_the_episode_is_saved_as_a_recording(page: Page, ways: Ways, tmp_path: Path) -> None:
    file = save(page, ways, tmp_path)
    recording = load_recording(file)
    assert (recording.header["game"], recording.header["seed"]) == ("breakout", 1)
    assert recording.steps > 5


def test_the_episode_is_saved_as_a_video(page: Page, ways: Ways, tmp_path: Path) -> None:
    assert save(page, ways, tmp_path, "mp4").read_bytes()[4:8] == b"ftyp"


def test_files_can_be_saved_with_the_keyboard_alone(page: Page, ways: Ways) -> None:
    play(page, ways)
    page.click("#tab-share")
    for kind in ("npz", "mp4"):
        page.run(f"document.getElementById('{kind}').focus()")
        assert page.run("document.activeElement.id") == kind


def save(page: Page, ways: Ways, folder: Path, kind: str = "npz") -> Path:
    """Play briefly, and return the file that the page saves."""
    play(page, ways)
    return save_file(page, folder, kind)


def save_file(page: Page, folder: Path, kind: str = "npz") -> Path:
    """Pause the game, and return the file that the page saves."""
    page.tell("Page.setDownloadBehavior", behavior="allow", downloadPath=str(folder))
    pause(page)
    page.click("#tab-share")
    page.click(f"#{kind}")
    page.until(lambda: any(folder.glob(f"*.{kind}")), "the file is saved")
    (file,) = folder.glob(f"*.{kind}")
    return file


def test_a_dropped_recording_is_replayed_and_can_be_sought(
    page: Page, ways: Ways, tmp_path: Path
) -> None:
    file = save(page, ways, tmp_path)
    page.open(f"{ways.server.url}/web/")
    page.wait("document.querySelectorAll('#games a').length === 104")
    drop(page, file)
    page.wait(f"!document.getElementById('seek').hidden && {FRAME} > 1")
    assert page.run("document.getElementById('title').textContent").startswith("Breakout")
    assert page.run("location.search").startswith("?replay=")
    page.press("KeyP", "p")
    settled(page)
    steps = page.run("Number(document.getElementById('position').max)")
    for step in (3, steps - 1):
        page.run(
            f"(e => {{e.value = {step}; e.dispatchEvent(new Event('input'))}})"
            "(document.getElementById('position'))"
        )
        page.wait(f"document.getElementById('place').textContent === '{step} / {steps}'")
        assert settled(page) == step
    assert "reward" not in page.run("document.getElementById('lines').textContent")
    page.press("KeyP", "p")
    page.wait(f"{OVERLAY}.innerText.includes('The recording has ended')")
    page.enter()
    page.wait(f"{OVERLAY}.hidden && {FRAME} < {steps - 1}")
    page.run("document.getElementById('tab-log').focus()")
    page.press("ArrowRight")
    assert page.run("document.activeElement.id") == "tab-calls"  # the others are for a game in play
    assert page.errors == []


def drop(page: Page, file: Path) -> None:
    """Drop a file on the page."""
    content = base64.b64encode(file.read_bytes()).decode()
    page.run(f"""
        (async () => {{
            const bytes = Uint8Array.from(atob("{content}"), letter => letter.charCodeAt());
            const dataTransfer = new DataTransfer();
            dataTransfer.items.add(new File([bytes], "{file.name}"));
            dispatchEvent(new DragEvent("drop", {{dataTransfer, cancelable: true}}));
        }})()
    """)


def test_a_dropped_file_that_is_not_a_recording_is_refused(
    page: Page, ways: Ways, tmp_path: Path
) -> None:
    page.open(f"{ways.server.url}/web/")
    page.wait("document.querySelectorAll('#games a').length === 104")
    file = tmp_path / "holiday.npz"
    file.write_bytes(b"no recording")
    drop(page, file)
    page.wait("document.getElementById('toast').textContent.startsWith('holiday.npz: ')")
    assert not page.run("document.getElementById('start').hidden")


def axe_finds(page: Page, axe: str) -> list[str]:
    """Return the serious issues that axe-core finds."""
    page.tell("Page.setBypassCSP", enabled=True)
    page.run(f"{axe}; 0")
    passed, found = page.run("axe.run().then(({passes, violations}) => [passes, violations])")
    assert passed
    return [
        f"{one['id']}: {node['html'][:160]}: {node['failureSummary']}"
        for one in found
        if one["impact"] in {"serious", "critical"}
        for node in one["nodes"]
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_serious_issues(page: Page, ways: Ways, axe: str, scheme: str) -> None:
    page.prefer(
        color_scheme=scheme, reduced_motion="reduce"
    )  # otherwise colours may be in transition
    page.open(f"{ways.server.url}/web/")
    page.wait("document.querySelectorAll('#games a').length === 104")
    assert axe_finds(page, axe) == []
    page.click("#about")
    page.wait("document.getElementById('readme').open")
    assert axe_finds(page, axe) == []
    play(page, ways)
    for panel in ("actions", "settings", "calls", "state", "log", "share"):
        page.click(f"#tab-{panel}")
        assert axe_finds(page, axe) == []
    pause(page)
    assert axe_finds(page, axe) == []
