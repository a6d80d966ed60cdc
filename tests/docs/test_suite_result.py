"""The result of a suite is what pytest reported, written between the markers of the page."""

import shutil
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from scripts.suite_result import PAGE, SUITES, duration, result, with_result

SUITE = """
import pytest

@pytest.mark.parametrize("game", ["pong", "qbert"])
def test_of_games(game):
    assert game == "pong"

def test_that_measures(record_property):
    record_property("memory", "5 MB, " * 30 + "6 MB")

def test_that_cannot_run():
    pytest.skip()

@pytest.fixture
def broken():
    raise OSError

def test_that_cannot_begin(broken):
    pass
"""


@pytest.mark.skipif(shutil.which("git") is None, reason="needs git")
def test_each_test_is_counted_with_its_cases_and_figures(tmp_path: Path) -> None:
    (tmp_path / "test_a.py").write_text(SUITE, "utf-8")
    command = [sys.executable, "-m", "pytest", "--junitxml", "suite.xml", "-o"]
    command += ["junit_family=xunit1", "-p", "no:cacheprovider"]
    subprocess.run(command, cwd=tmp_path, capture_output=True, check=False)
    text = result("long", ElementTree.parse(tmp_path / "suite.xml").getroot())
    assert text.startswith("`make long` on 20")
    assert "**2 passed, 2 failed, 1 skipped** in" in text
    assert "| `test_a.py::test_of_games` | 2 | 1 passed, 1 failed |" in text
    assert "| `test_a.py::test_that_cannot_begin` | 1 | 1 failed |" in text
    measured = text.partition("`test_a.py::test_that_measures`:\n\n")[2]
    assert " ".join(measured.split()) == "- memory: " + "5 MB, " * 30 + "6 MB"
    assert max(map(len, measured.splitlines())) <= 100
    assert "| `test_a.py::test_of_games[qbert]` |" in text


@pytest.mark.parametrize(
    ("seconds", "expected"), [(3.14, "3.1 s"), (125.4, "2 min 5 s"), (4000, "1 h 6 min")]
)
def test_a_duration_is_shown_in_readable_units(seconds: float, expected: str) -> None:
    assert duration(seconds) == expected


@pytest.mark.parametrize("suite", SUITES)
def test_a_result_replaces_the_previous_one(suite: str) -> None:
    once = with_result(PAGE.read_text("utf-8"), suite, "first\n")
    assert f"<!-- {suite} -->\nfirst\n<!-- /{suite} -->" in once
    assert with_result(once, suite, "second\n") == once.replace("first\n", "second\n")


def test_a_page_without_markers_is_refused() -> None:
    with pytest.raises(ValueError, match="found it 0 times"):
        with_result("# Page\n", "long", "text\n")
