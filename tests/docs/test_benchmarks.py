import json
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.report import DOCUMENT, Row, markdown, write_figures
from benchmarks.timing import ratio, side_by_side

ROOT = Path(__file__).parents[2]


def run_benchmarks(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "benchmarks", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def row(value: float, limit: float, at_most: bool = False) -> Row:
    return Row("speed", value, limit, {"ours": [1.0, 3.0, 2.0]}, "frames/s", at_most=at_most)


def test_alternatives_take_turns_and_the_warm_up_is_not_counted() -> None:
    calls = []

    def alternative(name: str) -> float:
        calls.append(name)
        return float(len(calls))

    figures = side_by_side({"a": lambda: alternative("a"), "b": lambda: alternative("b")}, 2)
    assert calls == ["a", "b", "a", "b", "b", "a"]
    assert figures == {"a": [3.0, 6.0], "b": [4.0, 5.0]}


def test_a_ratio_is_the_median_of_the_ratios_within_each_round() -> None:
    assert ratio({"a": [1.0, 20.0, 300.0], "b": [1.0, 10.0, 100.0]}, "a", "b") == 2.0


@pytest.mark.parametrize(
    ("value", "limit", "at_most", "reached"),
    [
        (1.8, 1.8, False, "yes"),
        (1.79, 1.8, False, "**no**"),
        (6.0, 6, True, "yes"),
        (7, 6, True, "**no**"),
    ],
)
def test_a_row_says_whether_its_target_is_reached(
    value: float, limit: float, at_most: bool, reached: str
) -> None:
    line = markdown([row(value, limit, at_most)]).splitlines()[-1]
    assert f"| {reached} | ours 2 (1 – 3) frames/s |" in line


def test_only_figures_between_the_markers_are_replaced(tmp_path: Path) -> None:
    document = tmp_path / "benchmarks.md"
    document.write_text("before\n<!-- figures -->\nold\n<!-- /figures -->\nafter\n", "utf-8")
    write_figures("new\n", document)
    expected = "before\n<!-- figures -->\nnew\n<!-- /figures -->\nafter\n"
    assert document.read_text("utf-8") == expected


def test_a_document_without_markers_is_not_changed(tmp_path: Path) -> None:
    document = tmp_path / "benchmarks.md"
    document.write_text("no markers\n", "utf-8")
    with pytest.raises(ValueError, match="found it 0 times"):
        write_figures("new\n", document)
    assert document.read_text("utf-8") == "no markers\n"


@pytest.mark.slow
def test_cheap_benchmarks_run_and_report_figures(tmp_path: Path) -> None:
    """Each benchmark fails if a peer does not play the same episodes."""
    names = ("random", "rgb", "workers", "boot", "vector", "memory", "npz-size", "help", "crash")
    done = run_benchmarks(*names, "--quick", "--json", str(tmp_path / "figures.json"))
    assert done.returncode == 0, done.stderr
    rows = json.loads((tmp_path / "figures.json").read_text("utf-8"))["rows"]
    assert len(rows) == 12
    for measured in rows:
        assert f"| {measured['what']} |" in done.stdout
        assert measured["value"] > 0 or measured["what"].startswith("lost")


@pytest.mark.slow
@pytest.mark.xdist_group("newest peers")
def test_server_benchmarks_run_and_report_figures(tmp_path: Path) -> None:
    """Each benchmark fails if a session fails or a screen differs from the one in-process."""
    parts = ("http", "official", "v1", "start", "bytes", "sessions", "stall", "strangers")
    names = [f"serve-{part}" for part in parts]
    done = run_benchmarks(*names, "--quick", "--json", str(tmp_path / "figures.json"))
    assert done.returncode == 0, done.stderr
    rows = json.loads((tmp_path / "figures.json").read_text("utf-8"))["rows"]
    assert len(rows) == 16
    assert all(measured["value"] > 0 for measured in rows)


@pytest.mark.slow
def test_play_benchmarks_run_and_report_figures(tmp_path: Path) -> None:
    """Each benchmark fails if a window shows, plays or rewinds to anything else than expected."""
    names = [f"play-{part}" for part in ("start", "pace", "fast", "rewind")]
    done = run_benchmarks(*names, "--quick", "--json", str(tmp_path / "figures.json"))
    assert done.returncode == 0, done.stderr
    rows = json.loads((tmp_path / "figures.json").read_text("utf-8"))["rows"]
    assert len(rows) == 9
    assert all(measured["value"] > 0 for measured in rows)


@pytest.mark.slow
def test_an_unknown_benchmark_is_refused_with_a_list_of_all_benchmarks() -> None:
    done = run_benchmarks("sound")
    assert done.returncode == 2
    names = done.stderr.strip().rpartition("expected one of ")[2].split(", ")
    assert "random" in names
    text = DOCUMENT.read_text("utf-8")
    assert not [name for name in names if f"| `{name}` |" not in text]


@pytest.mark.slow
def test_figures_of_a_partial_run_are_not_written_to_the_docs() -> None:
    done = run_benchmarks("boot", "--write")
    assert done.returncode == 2
    assert "full run" in done.stderr
