"""`make docs` builds a reference of every exported name offline, without broken links."""

import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest

import atari_cli

ROOT = Path(__file__).parents[2]


class Links(HTMLParser):
    """Collects the ids of a page and the targets of its links."""

    def __init__(self, page: Path) -> None:
        super().__init__()
        self.ids: set[str] = set()
        self.targets: set[str] = set()
        self.feed(page.read_text("utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        if attributes.get("id"):
            self.ids.add(attributes["id"] or "")
        if tag == "a" and attributes.get("href"):
            self.targets.add(attributes["href"] or "")


@pytest.mark.slow
def test_the_reference_has_every_export_and_no_broken_links(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "scripts.build_reference", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    pages = {page.name: Links(page) for page in tmp_path.glob("*.html")}
    assert set(dir(atari_cli)) - {"__version__"} <= pages["atari_cli.html"].ids
    broken = []
    for name, page in pages.items():
        for target in page.targets:
            file, _, anchor = target.partition("#")
            if re.match(r"[a-z]+:", target):
                continue
            other = pages.get(file.removeprefix("./") or name)
            if other is None or (anchor and anchor not in other.ids):
                broken.append((name, target))
    assert not broken
