"""Tables and JSON as the commands print them."""

import pytest

from atari_cli.cli.output import print_json, print_table


def test_tables_and_json_go_to_stdout(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(("name", "count "), [("a long enough name", 3), ("b", None)])
    print_json({"name": "Ü"})  # escaped, for it may go into a pipe of any encoding
    captured = capsys.readouterr()
    assert "\na long enough name       3\n" in captured.out
    assert '"name": "\\u00dc"' in captured.out
    assert captured.err == ""


def test_a_table_shows_brackets_as_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(("advice",), [('pip install "atari-cli[ray]"',)])
    assert '"atari-cli[ray]"' in capsys.readouterr().out


def test_a_table_begins_with_its_head(capsys: pytest.CaptureFixture[str]) -> None:
    """As in `atari games | head -1`."""
    print_table(("name", "count "), [("a", 3)])
    first, *_, last = capsys.readouterr().out.splitlines()
    assert first.split() == ["name", "count"]
    assert last.split() == ["a", "3"]
