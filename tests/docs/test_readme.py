"""What README.md shows is so: its commands run, print what it says, and its tables are current."""

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer

from atari_cli.cli import main
from atari_cli.cli.app import app
from atari_cli.config import EnvironmentConfig, ServeConfig
from atari_cli.server import Server
from scripts.update_readme import with_tables

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(kind: str) -> list[str]:
    """Return the contents of the fenced blocks of a kind."""
    return re.findall(rf"^```{kind}\n(.*?)^```", README, re.DOTALL | re.MULTILINE)


def commands() -> Iterator[tuple[str, list[str]]]:
    """Yield each command of the console blocks and the lines that it is said to print."""
    for block in blocks("console"):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, *output = part.splitlines()
            yield command, output


def plain(lines: list[str]) -> list[str]:
    """Return lines that say something, with single spaces."""
    return [" ".join(line.split()) for line in lines if line.strip("─ ")]


@pytest.fixture
def workshop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder to work in, with the Python files whose names stand above their blocks."""
    monkeypatch.chdir(tmp_path)
    for block in blocks("python"):
        if match := re.match(r"# (\w+\.py)\n", block):
            (tmp_path / match[1]).write_text(block, encoding="utf-8")
    return tmp_path


def test_the_tables_are_up_to_date() -> None:
    assert with_tables(README) == README, "run `python scripts/update_readme.py`"


def test_every_command_runs_and_prints_what_the_readme_says(
    workshop: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What it shows is printed in that order, other lines may come between.

    The commands share a folder, so that one can read what another wrote.
    """
    shown = [(said, out) for said, out in commands() if not serves(said) and "|" not in said]
    assert shown
    for command, expected in shown:
        program, *words = command.split()
        assert program == "atari"
        assert main(words) == 0, capsys.readouterr().err
        captured = capsys.readouterr()
        printed = plain([*captured.out.splitlines(), *captured.err.splitlines()])
        rest = iter(printed)
        assert all(line in rest for line in plain(expected)), (command, printed)


def test_what_is_piped_into_a_command_is_answered_as_the_readme_says() -> None:
    piped = [shown for shown in commands() if "|" in shown[0]]
    assert piped
    for command, expected in piped:
        echo, text, pipe, program, *words = shlex.split(command)
        assert (echo, pipe, program) == ("echo", "|", "atari")
        called = [sys.executable, "-m", "atari_cli", *words]
        done = subprocess.run(called, input=text, capture_output=True, text=True, check=True)
        assert done.stdout.splitlines() == expected


def serves(command: str) -> bool:
    return command.startswith(("atari serve", "curl "))


def test_what_is_asked_of_the_server_is_answered_as_the_readme_says(workshop: Path) -> None:
    (serve, greeting), *questions = [shown for shown in commands() if serves(shown[0])]
    program = [sys.executable, "-m", "atari_cli", *serve.split()[1:], "--port", "0"]
    with subprocess.Popen(program, stderr=subprocess.PIPE, text=True) as server:
        assert server.stderr
        said = server.stderr.readline().strip()
        address = said.split()[2].removeprefix("http://").removesuffix(";")
        assert [said.replace(address, "127.0.0.1:8000")] == greeting
        for command, expected in questions:
            words = shlex.split(command.replace("localhost:8000", address))
            asked = subprocess.run([*words, "--silent"], capture_output=True, text=True, check=True)
            assert asked.stdout.splitlines() == expected
        server.terminate()


def test_the_commands_cover_the_program() -> None:
    names = set(typer.main.get_command(app).commands)
    last = [command.rpartition("| ")[2] for command, _ in commands()]
    used = {command.split()[1] for command in last if command.startswith("atari ")}
    assert used == names


@pytest.mark.parametrize("block", blocks("python"))
def test_python_runs(block: str, workshop: Path) -> None:
    with Server(ServeConfig(port=0), EnvironmentConfig()) as server:
        block = block.replace("http://localhost:8000", server.url)
        exec(compile(block, "README.md", "exec"), {"__name__": "readme"})


def test_shell_blocks_hold_targets_of_the_makefile_installs_and_containers() -> None:
    """What `docker run` starts is run by `tests/image/test_container.py`."""
    targets = set(re.findall(r"^(\w+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    lines = [line for block in blocks("sh") for line in block.splitlines()]
    assert {"make demo", "make test"} <= set(lines)
    for line in lines:
        program, *words = line.split()
        assert program == "make" or words[0] == ("run" if program == "docker" else "install"), line
        assert program != "make" or set(words) <= targets, line


def test_links_lead_to_files_and_headings() -> None:
    headings = re.findall(r"^#+ (.+)$", README, re.MULTILINE)
    anchors = {re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings}
    links = re.findall(r"\]\(([^)\s]+)\)", README)
    assert links
    broken = [
        link
        for link in links
        if not link.startswith("https://")
        and not (link[1:] in anchors if link.startswith("#") else (ROOT / link).is_file())
    ]
    assert not broken


def test_the_picture_is_small() -> None:
    assert (ROOT / "docs" / "pong.gif").stat().st_size < 300_000
