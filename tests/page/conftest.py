"""A real server, a real browser, and axe-core."""

import base64
import hashlib
import shutil
import subprocess
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from benchmarks.virtual import ROOT, one_at_a_time
from tests.page.browser import Browser, Page, chromium
from tests.server.conftest import quick_end as quick_end  # fixtures are found by their names
from tests.server.conftest import start as start
from tests.server.conftest import ways as ways

AXE: Final = "axe-core@4.14.1"
AXE_SHA512: Final = (
    "FHfa+lmNjQZfJz1q8wKqIDwC6DExcHt/pkjNQb09a3NPjCKg2rhu5qb2S4r76ASyFNNtuFooJpZe37OgudVGtQ=="
)


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """Chromium, started once."""
    program = shutil.which("chromium")
    if program is None:
        pytest.skip("needs chromium")
    with chromium(program, tmp_path_factory.mktemp("chromium")) as browser:
        yield browser


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """An empty tab, as wide as a laptop."""
    with browser.page() as page:
        page.size(1280, 800)
        yield page


@pytest.fixture(scope="session")
def axe() -> str:
    """The source of axe-core, fetched once into `.venv-peers`."""
    if shutil.which("npm") is None:
        pytest.skip("needs npm")
    folder = ROOT / ".venv-peers" / "axe"
    folder.mkdir(parents=True, exist_ok=True)
    with one_at_a_time(folder / "lock"):
        package = folder / f"{AXE.replace('@', '-')}.tgz"
        if not package.is_file():
            _fetch(package)
        with tarfile.open(package) as files:
            source = files.extractfile("package/axe.min.js")
            assert source is not None
            return source.read().decode()


def _fetch(package: Path) -> None:
    command = ["npm", "pack", "--silent", "--pack-destination", str(package.parent), AXE]
    subprocess.run(command, check=True, cwd=package.parent, timeout=120, capture_output=True)
    digest = base64.b64encode(hashlib.sha512(package.read_bytes()).digest()).decode()
    if digest != AXE_SHA512:
        package.unlink()
        pytest.fail(f"{AXE} does not match the pinned hash")
