"""Headless Chromium, controlled over its DevTools protocol.

It needs only `websockets`, which the server itself uses, and no driver that must match the version
of the browser.
"""

import base64
import json
import re
import subprocess
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from time import monotonic, sleep
from typing import Any, Final
from urllib.parse import urlsplit

from websockets.sync.client import ClientConnection, connect

FLAGS: Final = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--disable-dev-shm-usage", "--mute-audio", "--remote-debugging-port=0",
    "--autoplay-policy=no-user-gesture-required",
    "--host-resolver-rules=MAP *.example.com 127.0.0.1",
)  # fmt: skip
PATIENCE: Final = 30.0
_POLL: Final = 0.05
_DROPPED: Final = "ERR_NETWORK_CHANGED"

Message = dict[str, Any]


class Page:
    """A tab.

    Attributes:
        errors: Errors on the console, and uncaught exceptions.
        hosts: `host:port` of every request.
        paths: The path of every request.
    """

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection
        self._number = 0
        self.errors: list[str] = []
        self.hosts: set[str] = set()
        self.paths: set[str] = set()
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.tell(f"{domain}.enable")

    def tell(self, method: str, **parameters: Any) -> Message:
        """Send a command and return its result."""
        self._number += 1
        command = {"id": self._number, "method": method, "params": parameters}
        self._connection.send(json.dumps(command))
        while True:
            message: Message = json.loads(self._connection.recv(timeout=PATIENCE))
            if message.get("id") != self._number:
                self._note(message)
                continue
            if "error" in message:
                raise RuntimeError(f"{method}: {message['error']['message']}")
            result: Message = message["result"]
            return result

    def open(self, url: str, until: str = "true") -> None:
        """Go to an address, and wait until the page has loaded and an expression is true.

        Chromium drops whatever it is loading when an address is added to the machine, as by a
        container that starts meanwhile; the page is then loaded again.
        """
        ready = "document.readyState === 'complete' && location.href !== 'about:blank'"
        is_ready = False
        while not is_ready:
            self.errors = [error for error in self.errors if _DROPPED not in error]
            self.tell("Page.navigate", url=url)
            self.until(lambda: self._is(f"{ready} && {until}") or self._was_dropped(), until)
            is_ready = not self._was_dropped()

    def run(self, expression: str) -> Any:
        """Return the value of a JavaScript expression; a promise is awaited."""
        result = self.tell(
            "Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True
        )
        if "exceptionDetails" in result:
            raise RuntimeError(str(result["exceptionDetails"]))
        return result["result"].get("value")

    def wait(self, expression: str, seconds: float = PATIENCE) -> None:
        """Wait until a JavaScript expression is true."""
        self.until(lambda: bool(self.run(expression)), expression, seconds)

    def until(self, done: Callable[[], bool], what: str, seconds: float = PATIENCE) -> None:
        """Wait until a function returns true; `what` describes it in the error."""
        end = monotonic() + seconds
        while not done():
            if monotonic() > end:
                raise TimeoutError(f"not within {seconds:g} s: {what}; errors: {self.errors}")
            sleep(_POLL)

    def _is(self, expression: str) -> bool:
        return bool(self.run(expression))

    def _was_dropped(self) -> bool:
        return any(_DROPPED in error for error in self.errors)

    def press(self, code: str, key: str = "", *, text: str = "") -> None:
        """Press and release a key."""
        self.key_down(code, key, text=text)
        self.key_up(code, key)

    def key_down(self, code: str, key: str = "", *, text: str = "") -> None:
        """Press a key."""
        kind = "keyDown" if text else "rawKeyDown"
        key = key or text or code
        self.tell("Input.dispatchKeyEvent", type=kind, code=code, key=key, text=text)

    def key_up(self, code: str, key: str = "") -> None:
        """Release a key."""
        self.tell("Input.dispatchKeyEvent", type="keyUp", code=code, key=key or code)

    def type(self, text: str) -> None:
        """Type letters."""
        for letter in text:
            self.press(f"Key{letter.upper()}", letter, text=letter)

    def enter(self) -> None:
        """Press Enter."""
        self.tell("Input.dispatchKeyEvent", type="keyDown", code="Enter", key="Enter",
                  text="\r", windowsVirtualKeyCode=13)  # fmt: skip
        self.key_up("Enter")

    def click(self, selector: str) -> None:
        """Click on the middle of an element."""
        x, y = self.middle(selector)
        for kind in ("mousePressed", "mouseReleased"):
            self.tell("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    def middle(self, selector: str) -> tuple[float, float]:
        """Scroll an element into view and return the position of its middle."""
        x, y = self.run(
            f"(() => {{const e = document.querySelector({json.dumps(selector)});"
            "e.scrollIntoView({block: 'center', inline: 'center', behavior: 'instant'});"
            "const b = e.getBoundingClientRect();"
            "return [b.x + b.width / 2, b.y + b.height / 2]})()"
        )
        return x, y

    def touch(self, kind: str, *points: tuple[float, float]) -> None:
        """Touch the screen: `touchStart`, `touchMove` or `touchEnd`."""
        places = [{"x": x, "y": y} for x, y in points]
        self.tell("Input.dispatchTouchEvent", type=kind, touchPoints=places)

    def size(self, width: int, height: int, *, phone: bool = False) -> None:
        """Set the size of the screen, in CSS pixels."""
        self.tell("Emulation.setDeviceMetricsOverride", width=width, height=height,
                  deviceScaleFactor=2 if phone else 1, mobile=phone)  # fmt: skip
        self.tell("Emulation.setTouchEmulationEnabled", enabled=phone)

    def prefer(self, **features: str) -> None:
        """Set preferences of the user: `color_scheme="dark"`."""
        named = [
            {"name": f"prefers-{name.replace('_', '-')}", "value": value}
            for name, value in features.items()
        ]
        self.tell("Emulation.setEmulatedMedia", features=named)

    def trust(self) -> None:
        """Accept certificates that nobody has signed."""
        self.tell("Security.setIgnoreCertificateErrors", ignore=True)

    def screenshot(self, path: Path, *, whole: bool = False) -> None:
        """Write a screenshot as a PNG file."""
        shot = self.tell("Page.captureScreenshot", format="png", captureBeyondViewport=whole)
        path.write_bytes(base64.b64decode(shot["data"]))

    def _note(self, event: Message) -> None:
        parameters = event["params"]
        match event["method"]:
            case "Runtime.exceptionThrown":
                details = parameters["exceptionDetails"]
                self.errors.append(details.get("exception", details).get("description", ""))
            case "Log.entryAdded" if parameters["entry"]["level"] == "error":
                entry = parameters["entry"]
                self.errors.append(f"{entry['text']} {entry.get('url', '')}")
            case "Runtime.consoleAPICalled" if parameters["type"] in {"error", "assert"}:
                self.errors.append(str(parameters["args"]))
            case "Network.requestWillBeSent":
                self._meet(parameters["request"]["url"])
            case "Network.webSocketCreated":
                self._meet(parameters["url"])

    def _meet(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in {"data", "blob"}:
            self.hosts.add(parts.netloc)
            self.paths.add(parts.path)


class Browser:
    """A running Chromium with its own profile."""

    def __init__(self, connection: ClientConnection, address: str) -> None:
        self._connection = connection
        self._address = address
        self._number = 0

    @contextmanager
    def page(self) -> Iterator[Page]:
        """Open a tab that shares no cookies or other data with other tabs."""
        context = self._tell("Target.createBrowserContext")["browserContextId"]
        target = self._tell("Target.createTarget", url="about:blank", browserContextId=context)
        with self._connected(target["targetId"]) as connection:
            yield Page(connection)
        self._tell("Target.disposeBrowserContext", browserContextId=context)

    @contextmanager
    def frame(self, url: str) -> Iterator[Page]:
        """Look into the frame of another site whose address begins with a URL."""
        frames = [
            target
            for target in self._tell("Target.getTargets")["targetInfos"]
            if target["type"] == "iframe" and target["url"].startswith(url)
        ]
        assert len(frames) == 1, f"frames at {url}: {frames}"
        with self._connected(frames[0]["targetId"]) as connection:
            yield Page(connection)

    def _connected(self, target: str) -> ClientConnection:
        place = urlsplit(self._address).netloc
        # Without a limit of unread messages: at one, the reply to the closing is not read.
        options: Message = {"max_size": None, "max_queue": None, "ping_interval": None}
        return connect(f"ws://{place}/devtools/page/{target}", compression=None, **options)

    def close(self) -> None:
        """End the browser."""
        self._tell("Browser.close")

    def _tell(self, method: str, **parameters: Any) -> Message:
        self._number += 1
        command = {"id": self._number, "method": method, "params": parameters}
        self._connection.send(json.dumps(command))
        while (message := json.loads(self._connection.recv(timeout=PATIENCE))).get(
            "id"
        ) != self._number:
            pass
        result: Message = message["result"]
        return result


@contextmanager
def chromium(program: str, profile: Path) -> Iterator[Browser]:
    """Start Chromium; it ends with the block."""
    command = [program, *FLAGS, f"--user-data-dir={profile}", "about:blank"]
    with subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr is not None
        addresses: SimpleQueue[str] = SimpleQueue()
        reader = Thread(target=_read_log, args=(process.stderr, addresses))
        reader.start()
        try:
            address = addresses.get(timeout=PATIENCE)
            with connect(address, max_size=None, compression=None, ping_interval=None) as link:
                browser = Browser(link, address)
                yield browser
                browser.close()
            process.wait(PATIENCE)
        finally:
            process.kill()
            reader.join(PATIENCE)


def _read_log(log: Iterable[str], addresses: "SimpleQueue[str]") -> None:
    """Read Chromium's log to its end; put the address on which it listens into the queue."""
    for line in log:
        if found := re.search(r"^DevTools listening on (ws://\S+)", line):
            addresses.put(found[1])
