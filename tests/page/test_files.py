"""The files of the page, without a browser."""

import re
from pathlib import Path

import pytest

import atari_cli
from atari_cli.actions import ACTION_NAMES
from atari_cli.config import settings_form

FOLDER = Path(atari_cli.__file__).parent / "server" / "static" / "web"
FILES = sorted(file for file in FOLDER.iterdir() if file.is_file())
DOCS = sorted((FOLDER.parent / "docs").iterdir())
MOST_BYTES = 150_000


def test_the_page_weighs_at_most_150_kilobytes() -> None:
    assert 0 < sum(file.stat().st_size for file in FILES) <= MOST_BYTES


def test_the_page_has_no_inline_script_or_style() -> None:
    html = (FOLDER / "index.html").read_text("utf-8")
    assert not re.findall(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)", html)


def test_plain_text_with_a_label_has_a_role() -> None:
    html = (FOLDER / "index.html").read_text("utf-8")
    assert not re.findall(r"<pre(?![^>]*\srole=)[^>]*\saria-label=[^>]*>", html)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_no_file_refers_to_another_host(file: Path) -> None:
    addresses = re.findall(r"(?:https?:)?//[\w.-]+\.\w+[^\s\"']*", file.read_text("utf-8"))
    assert not [address for address in addresses if "www.w3.org/2000/svg" not in address]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_every_imported_file_exists(file: Path) -> None:
    text = file.read_text("utf-8")
    names = re.findall(r"(?:from |import )\"\./([^\"]+)\"", text)
    names += re.findall(r"(?:href|src)=\"([\w-]+[.]\w+)\"", text)
    assert set(names) <= {file.name for file in FILES}


@pytest.mark.parametrize("file", [*FILES, *DOCS], ids=lambda file: file.name)
def test_every_address_is_relative_so_that_a_proxy_may_put_a_prefix_before_it(file: Path) -> None:
    text = file.read_text("utf-8")
    assert not re.findall(r"(?:href|src)=\"/[^\"]*\"|fetch\([\"`]/", text)
    assert "location.origin" not in text
    assert not re.findall(r"[\"`]/(?:web|ws|docs)\b", text)


def test_every_element_that_a_module_looks_up_is_in_the_page() -> None:
    html = (FOLDER / "index.html").read_text("utf-8")
    present = set(re.findall(r"\sid=\"([\w-]+)\"", html))
    wanted = {
        name
        for file in FILES
        if file.suffix == ".js"
        for name in re.findall(r"\$\(\"([\w-]+)\"\)", file.read_text("utf-8"))
    }
    assert wanted <= present


def test_the_page_numbers_actions_as_the_library_does() -> None:
    source = (FOLDER / "controls.js").read_text("utf-8")
    listed = source.partition("NAMES = [")[2].partition("]")[0]
    assert tuple(re.findall(r"\"(\w+)\"", listed)) == ACTION_NAMES


def test_the_calls_shown_by_the_page_include_every_setting() -> None:
    source = (FOLDER / "calls.js").read_text("utf-8")
    listed = re.findall(r"\"(\w+)\"", source.partition("CALLS = [")[2].partition("]")[0])
    assert set(listed) == {"game", *(field["name"] for field in settings_form())}
