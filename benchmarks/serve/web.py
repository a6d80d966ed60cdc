"""The page in Chromium: its pictures, their age and size, latency of keys, the server's load."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from statistics import mean, median
from time import sleep
from typing import Any

from benchmarks.report import Row
from benchmarks.serve.servers import Served, ours
from benchmarks.timing import Effort
from tests.page.browser import Page, chromium

GAMES = {"pong": 1.5, "ms_pacman": 3.0}
"""Maximum kilobytes per frame."""

# Counts messages and drawn pictures; it relies only on the page drawing with putImageData.
PROBE = """
window.probe = {drawn: 0, bytes: 0, messages: 0, time: 0, ages: [], pressed: 0, waits: [],
  ready: 0};
window.WebSocket = class extends WebSocket {
  constructor(...given) {
    super(...given);
    this.addEventListener("message", ({data}) => {
      if (typeof data === "string") return;
      const size = new DataView(data).getUint32(0, true);
      const header = JSON.parse(new TextDecoder().decode(new Uint8Array(data, 4, size)));
      if (header.type !== "screen") return;
      probe.time = header.data.time;
      probe.messages++;
      probe.bytes += data.byteLength;
    });
  }
};
const put = CanvasRenderingContext2D.prototype.putImageData;
let before = null;
CanvasRenderingContext2D.prototype.putImageData = function (image, ...rest) {
  put.call(this, image, ...rest);
  probe.drawn++;
  probe.ages.push(Date.now() - probe.time);
  if (!probe.pressed) return before = image.data.slice();
  if (before.every((value, place) => value === image.data[place])) return;
  probe.waits.push(performance.now() - probe.pressed);
  probe.pressed = 0;
};
addEventListener("keydown", () => probe.pressed = performance.now(), {capture: true});
new MutationObserver((_, observer) => {
  if (document.querySelectorAll("#games a").length < 100) return;
  probe.ready = performance.now();
  observer.disconnect();
}).observe(document, {childList: true, subtree: true});
"""


def in_chromium(effort: Effort) -> list[Row]:
    """Measure one tab that plays, as in the browser of a person."""
    with ours() as server, _page() as page:
        rows = [_weight(), _start(page, server, effort)]
        for game, limit in GAMES.items():
            rows += _play(page, server, effort, game, limit)
        rows.append(_key(page, server, effort))
    return rows


@contextmanager
def _page() -> Iterator[Page]:
    program = shutil.which("chromium")
    if program is None:
        raise FileNotFoundError("the page is measured in Debian's chromium, which is not here")
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder,
        chromium(program, Path(folder)) as browser,
        browser.page() as page,
    ):
        page.size(1280, 800)
        page.tell("Network.disable")  # it would send every message to us, too
        page.tell("Page.addScriptToEvaluateOnNewDocument", source=PROBE)
        yield page


def _weight() -> Row:
    folder = files("atari_cli.server").joinpath("static", "web")
    size = sum(len(file.read_bytes()) for file in folder.iterdir() if file.is_file()) / 1000
    return Row("web: weight of the page", size, 150, {"files": [size]}, "KB", "KB", at_most=True)


def _start(page: Page, server: Served, effort: Effort) -> Row:
    times = []
    for _ in range(effort.repeats):
        page.open(f"{server.url}/web/")
        page.wait("probe.ready > 0")
        times.append(page.run("probe.ready") / 1000)
    return Row("web: until games can be picked", median(times), 0.5, {"page": times}, "s", "s",
               at_most=True)  # fmt: skip


def _play(page: Page, server: Served, effort: Effort, game: str, limit: float) -> list[Row]:
    drawn, kilobytes, loads, ages = [], [], [], []
    for _ in range(effort.repeats):
        _open(page, server, game)  # again: a game without input ends within half a minute
        found, load = _while_playing(page, server, 2.0 if effort.quick else 10.0)
        drawn.append(found["drawn"] / found["seconds"])
        kilobytes.append(found["bytes"] / found["messages"] / 1000)
        ages.append(max(found["ages"]))
        loads.append(100 * load / found["seconds"])
    name = f"web, {game}"
    return [
        Row(f"{name}: pictures drawn", median(drawn), 58, {"page": drawn}, "/s", "/s"),
        Row(f"{name}: oldest picture", median(ages), 100, {"page": ages}, "ms", "ms", True),
        Row(f"{name}: a frame with sound", mean(kilobytes), limit, {"wire": kilobytes}, "KB",
            "KB", True),
        Row(f"{name}: CPU of the server", median(loads), 15, {"of one core": loads}, "%", "%",
            True),
    ]  # fmt: skip


def _open(page: Page, server: Served, game: str) -> None:
    page.open(f"{server.url}/web/?game={game}&seed=1")
    page.wait("probe.drawn > 60")


def _while_playing(page: Page, server: Served, seconds: float) -> tuple[dict[str, Any], float]:
    """Return the counts of the probe in a time, and the CPU seconds of the server in it."""
    page.run("Object.assign(probe, {drawn: 0, bytes: 0, messages: 0, ages: []}), 0")
    load = _cpu(server)
    found = page.run(
        "(start => new Promise(done => setTimeout(() => done({...probe,"
        f"seconds: (performance.now() - start) / 1000}}), {1000 * seconds})))(performance.now())"
    )
    return found, _cpu(server) - load


def _cpu(server: Served) -> float:
    fields = Path(f"/proc/{server.process.pid}/stat").read_text("ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _key(page: Page, server: Served, effort: Effort) -> Row:
    """Time a key until the paddle has moved in breakout, where nothing else moves."""
    _open(page, server, "breakout")
    for turn in range(6 if effort.quick else 30):
        code = ("ArrowLeft", "ArrowRight")[turn % 2]
        page.key_down(code)
        page.wait(f"probe.waits.length === {turn + 1}")
        page.key_up(code)
        sleep(0.15)
    waits = page.run("probe.waits")
    return Row("web: key to changed pixel", median(waits), 50, {"page": waits}, "ms", "ms", True)
