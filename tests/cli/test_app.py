"""Errors become one line on stderr and an exit code; success is quiet there."""

import io
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import typer
import typer.core

from atari_cli.cli import main
from atari_cli.cli.app import app
from atari_cli.config import VARIABLES
from atari_cli.version import __version__

OWN = ("FRAMESKIP", "MAX_FRAMES", "REPEAT_ACTION_PROB")  # settings with other defaults in `play`

WRONG_USE = {
    "unknown command": (["rolout"], "rolout"),
    "unknown option": (["rollout", "--epsiodes", "3"], "--epsiodes"),
    "unknown game": (["rollout", "pogn"], "no game is called 'pogn'; did you mean pong"),
    "unknown policy": (["rollout", "--policy", "randm"], "random"),
    "unknown action": (["rollout", "--policy", "repeat:HOP"], "HOP"),
    "action outside the set": (
        ["rollout", "breakout", "--policy", "repeat:UP"],
        "; --full-action-space may have it",
    ),
    "unknown mode": (["rollout", "--mode", "9"], "expected one of 0, 1"),
    "unknown difficulty": (["rollout", "--difficulty", "9"], "expected one of 0, 1, 2, 3"),
    "unknown obs_type": (["rollout", "--obs-type", "smell"], "rgb, grayscale, ram"),
    "frameskip 0": (["rollout", "--frameskip", "0"], "frameskip must be"),
    "probability 1.5": (["rollout", "--repeat-action-prob", "1.5"], "from 0 to 1, got 1.5"),
    "no number": (["rollout", "--frameskip", "four"], "--frameskip"),
    "negative seed": (["rollout", "--seed=-1"], "seed must be a whole number"),
    "seed in words": (["rollout", "--seed", "seven"], "or `random`, got 'seven'"),
    "no episodes": (["rollout", "--episodes", "0"], "episodes must be"),
    "negative episodes": (["record", "--episodes=-2"], "episodes must be"),
    "episodes and steps": (["rollout", "--episodes", "2", "--steps", "9"], "not both"),
    "no workers": (["rollout", "--workers", "0"], "workers must be"),
    "tracker elsewhere": (["rollout", "freeway", "--policy", "tracker"], "breakout"),
    "video format": (["record", "--format", "avi"], "mp4, gif, mkv"),
    "scale": (["record", "--scale", "0"], "scale must be"),
    "missing file": (["replay"], "file"),
    "out format": (["rollout", "--out", "scores.xml"], ".json or .csv"),
}


@pytest.mark.parametrize(("words", "expected"), WRONG_USE.values(), ids=WRONG_USE)
def test_incorrect_use_is_reported_in_one_line_with_exit_code_2(
    words: list[str],
    expected: str,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(words) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    assert captured.err.startswith("atari: ")
    assert expected in captured.err
    assert list(tmp_path.iterdir()) == []


def test_a_variable_that_cannot_be_parsed_is_named(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = {
        "ATARI_FRAMESKIP": "four",
        "ATARI_FULL_ACTION_SPACE": "maybe",
        "ATARI_REPEAT_ACTION_PROB": "2",
        "ATARI_OBS_TYPE": "smell",
    }
    for variable, value in wrong.items():
        with monkeypatch.context() as patch:
            patch.setenv(variable, value)
            assert main(["rollout"]) == 2
            error = capsys.readouterr().err
            assert variable in error
            assert value in error


def test_debug_shows_the_traceback_before_and_after_the_command(
    capsys: pytest.CaptureFixture[str],
) -> None:
    for words in (["--debug", "rollout", "pogn"], ["rollout", "pogn", "--debug"]):
        assert main(words) == 2
        error = capsys.readouterr().err
        assert error.startswith("Traceback")
        assert "atari: no game is called 'pogn'" in error.splitlines()[-1]


def test_an_unexpected_exception_is_reported_as_a_bug(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(query: str) -> None:
        raise ZeroDivisionError("oops")

    monkeypatch.setattr("atari_cli.games.search_games", broken)
    assert main(["games"]) == 1
    assert "ZeroDivisionError: oops; this is a bug" in capsys.readouterr().err


def test_version_and_help_are_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"atari {__version__}\n"
    assert main(["--help"]) == 0
    help_text = capsys.readouterr().out
    for command in ("games", "info", "rollout", "record", "replay", "recover", "doctor"):
        assert command in help_text


def commands() -> dict[str, Any]:
    group = typer.main.get_command(app)
    assert isinstance(group, typer.core.TyperGroup)
    return dict(group.commands)


def test_no_summary_is_cut_in_the_list_of_commands(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    assert main(["--help"]) == 0
    shown = capsys.readouterr().out
    assert "..." not in shown.partition("Commands:")[2]
    assert "…" not in shown
    summaries = {name: command.help.split("\n")[0] for name, command in commands().items()}
    assert not {name: summary for name, summary in summaries.items() if len(summary) > 45}
    assert all(f"{name:8} {summary}" in shown for name, summary in summaries.items())


def test_defaults_are_all_shown_in_the_same_way(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As `[default: 4]`, with nothing in parentheses; options in every command say their unit."""
    monkeypatch.setenv("COLUMNS", "200")
    for name, command in commands().items():
        assert main([name, "--help"]) == 0
        shown = capsys.readouterr().out
        defaults = re.findall(r"default: ([^\]]+)\]", shown)
        assert not [default for default in defaults if default.startswith("(")], name
        assert shown.count("default: ") == len(defaults)
        undescribed = [param.name for param in command.params if not param.help]
        assert not undescribed, name


def test_each_variable_is_shown_with_its_option(capsys: pytest.CaptureFixture[str]) -> None:
    for command, variables in (
        ("rollout", {*VARIABLES}),
        ("serve", {*VARIABLES, "ATARI_TOKEN"}),
        ("play", {*VARIABLES} - {f"ATARI_{name}" for name in OWN}),
    ):
        assert main([command, "--help"]) == 0
        assert set(re.findall(r"ATARI_\w+", capsys.readouterr().out)) == variables


def test_help_loads_neither_numpy_nor_ale() -> None:
    code = (
        "import sys; from atari_cli.cli import main; main(['--help']); "
        "heavy = {'numpy', 'ale_py', 'pygame', 'imageio'}; "
        "print(sorted(heavy & set(sys.modules)), file=sys.stderr)"
    )
    child = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert child.stderr == "[]\n"


def test_a_closed_pipe_is_not_an_error() -> None:
    code = "from atari_cli.cli import main; import sys; sys.exit(main(['games']))"
    with subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as child:
        assert child.stdout is not None
        assert child.stderr is not None
        child.stdout.close()
        assert child.stderr.read() == b""


def test_closed_standard_streams_do_no_harm(monkeypatch: pytest.MonkeyPatch) -> None:
    """The shell's `>&-` makes them None."""
    monkeypatch.setattr(sys, "stderr", None)
    monkeypatch.setattr(sys, "stdout", None)
    assert main(["games", "pogn"]) == 2
    assert main(["games", "pong"]) == 0
    assert sys.stdout and sys.stderr
    sys.stdout.close()
    sys.stderr.close()


def test_without_a_command_the_commands_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    error = capsys.readouterr().err
    assert error.startswith("Usage: atari [OPTIONS] COMMAND")
    assert "  rollout " in error


def test_options_are_not_cut_on_a_narrow_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    assert main(["record", "--help"]) == 0
    shown = capsys.readouterr().out
    assert "--full-action-space / --minimal-action-space" in shown
    assert max(map(len, shown.splitlines())) <= 60


def test_an_unknown_game_in_a_variable_names_the_variable(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ATARI_GAME", "pogn")
    assert main(["rollout"]) == 2
    assert "atari: ATARI_GAME: no game is called 'pogn'" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("platform", "chosen", "expected"),
    [
        ("win32", None, "日本 ü".encode()),
        ("win32", "cp1252", b"\\u65e5\\u672c \xfc"),
        ("linux", None, b"\\u65e5\\u672c \xfc"),
    ],
)
def test_a_name_survives_a_pipe_of_any_encoding(
    monkeypatch: pytest.MonkeyPatch, platform: str, chosen: str | None, expected: bytes
) -> None:
    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.delenv("PYTHONIOENCODING", raising=False)
    if chosen:
        monkeypatch.setenv("PYTHONIOENCODING", chosen)
    pipe = io.BytesIO()
    stream = io.TextIOWrapper(pipe, encoding="cp1252", write_through=True)
    monkeypatch.setattr(sys, "stdout", stream)
    assert main(["games", "pong"]) == 0
    pipe.seek(0)
    pipe.truncate()
    stream.write("日本 ü")
    assert pipe.getvalue() == expected


def test_a_table_in_a_pipe_has_the_same_lines_on_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    pipe = io.BytesIO()
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(pipe, "cp1252", write_through=True))
    assert main(["games", "pong"]) == 0
    assert "───" in pipe.getvalue().decode()


def test_a_message_keeps_the_spaces_of_a_path(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["recover", "my  runs"]) == 2
    assert capsys.readouterr().err.startswith("atari: my  runs does not exist; ")
