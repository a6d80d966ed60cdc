"""Links in the documentation and in the built reference lead somewhere; no network is needed."""

import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest

import atari_cli

ROOT = Path(__file__).parents[2]
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").glob("*.md"))]


def anchors(page: Path) -> set[str]:
    """Return the anchors that GitHub gives the headings of a Markdown page."""
    text = re.sub(r"^```.*?^```", "", page.read_text("utf-8"), flags=re.DOTALL | re.MULTILINE)
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings}


def broken_links(page: Path) -> list[str]:
    """Return the links of a Markdown page to files or headings that do not exist."""
    text = re.sub(r"^```.*?^```", "", page.read_text("utf-8"), flags=re.DOTALL | re.MULTILINE)
    broken = []
    for link in re.findall(r"\]\(([^)\s]+)\)", text):
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        if re.match(r"[a-z]+:", link):
            continue
        if not target.exists() or (anchor and anchor not in anchors(target)):
            broken.append(link)
    return broken


class Links(HTMLParser):
    """Collects the ids of a page, and where its links lead."""

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
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_of_a_page_lead_to_files_and_headings(page: Path) -> None:
    assert not broken_links(page)


@pytest.mark.slow
def test_a_broken_link_is_found(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# One thing\n[a](#one-thing) [b](#two) [c](none.md) [d](page.md#one-thing)\n")
    assert broken_links(page) == ["#two", "none.md"]


@pytest.mark.slow
def test_the_reference_has_every_export_and_no_broken_link(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "scripts.build_reference", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    pages = {page.name: Links(page) for page in tmp_path.glob("*.html")}
    assert set(atari_cli.__all__) - {"__version__"} <= pages["atari_cli.html"].ids
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
