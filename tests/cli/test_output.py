"""Files from --out are written completely or not at all, and replace others only if asked."""

import csv
import json
from pathlib import Path

import pytest

from atari_cli.cli.output import check_out_file, print_json, print_table, write_out_file
from atari_cli.errors import AtariError, InvalidSetting

ROWS = [{"episode": 0, "return": -21.0}, {"episode": 1, "return": 3.0}]


def test_json_and_csv_contain_the_same_rows(tmp_path: Path) -> None:
    document = {"episodes": ROWS}
    write_out_file(tmp_path / "run.json", document, ROWS)
    write_out_file(tmp_path / "run.csv", document, ROWS)
    assert json.loads((tmp_path / "run.json").read_text()) == document
    with (tmp_path / "run.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert rows == [{name: str(value) for name, value in row.items()} for row in ROWS]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["run.csv", "run.json"]


def test_an_unusable_output_file_is_refused_before_the_work(tmp_path: Path) -> None:
    there = tmp_path / "there.json"
    there.write_text("mine")
    with pytest.raises(AtariError, match="exists; give another --out or --overwrite"):
        check_out_file(there, overwrite=False)
    check_out_file(there, overwrite=True)
    check_out_file(None, overwrite=False)
    with pytest.raises(AtariError, match="does not exist"):
        check_out_file(tmp_path / "nowhere" / "run.csv", overwrite=False)
    with pytest.raises(InvalidSetting, match=r"\.json or \.csv"):
        check_out_file(tmp_path / "run.txt", overwrite=False)
    assert there.read_text() == "mine"


def test_an_unwritable_file_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "run.json").mkdir()
    with pytest.raises(AtariError, match="cannot write"):
        write_out_file(tmp_path / "run.json", {}, [])
    assert [path.name for path in tmp_path.iterdir()] == ["run.json"]


def test_tables_and_json_go_to_stdout(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(("name", "count "), [("a long enough name", 3), ("b", None)])
    print_json({"name": "Ü"})  # escaped, for it may go into a pipe of any encoding
    captured = capsys.readouterr()
    assert " a long enough name       3 " in captured.out
    assert '"name": "\\u00dc"' in captured.out
    assert captured.err == ""


def test_a_table_shows_brackets_as_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(("advice",), [("pip install 'atari-cli[ray]'",)])
    assert "'atari-cli[ray]'" in capsys.readouterr().out
