"""The pages are correct: commands print what they show, Python runs, tables are current."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
import typer.core

from atari_cli.cli import main
from atari_cli.cli.app import app
from atari_cli.config import EnvironmentConfig, ServeConfig
from atari_cli.server import Server
from scripts.update_docs import pages

ROOT = Path(__file__).parents[2]
DOCS = sorted((ROOT / "docs").glob("*.md"))
PAGES = {file.name: file.read_text("utf-8") for file in (ROOT / "README.md", *DOCS)}
FILES = (ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *DOCS)
WITH_PROGRAMS_TESTED_ELSEWHERE = {
    "rollout.md",  # tests/rollout/test_run.py
    "recording-format.md",  # tests/recording/format/test_format.py
    "mcp.md",  # needs another package; tests/peers follows it
}


def blocks(page: str, kind: str) -> list[str]:
    """Return the contents of a page's fenced blocks of a kind."""
    return re.findall(rf"^```{kind}\n(.*?)^```", PAGES[page], re.DOTALL | re.MULTILINE)


def commands(page: str) -> Iterator[tuple[str, list[str]]]:
    """Yield each command of a page's console blocks and the lines that it prints there."""
    for block in blocks(page, "console"):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, *output = part.splitlines()
            yield command, output


def pages_with(kind: str) -> list[str]:
    return [page for page in PAGES if blocks(page, kind)]


def plain(lines: list[str]) -> list[str]:
    """Return the lines with text, with single spaces and with the slashes that pages have."""
    return [" ".join(line.replace(os.sep, "/").split()) for line in lines if line.strip("─ ")]


@pytest.fixture
def workshop(page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder with the Python files that the page shows, named in their first lines."""
    monkeypatch.chdir(tmp_path)
    for block in blocks(page, "python"):
        if match := re.match(r"# (\w+\.py)\n", block):
            (tmp_path / match[1]).write_text(block, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("file", pages(), ids=lambda file: file.name)
def test_the_tables_are_up_to_date(file: Path) -> None:
    assert pages()[file] == file.read_text("utf-8"), "run `python scripts/update_docs.py`"


@pytest.mark.parametrize(
    "page",
    [
        pytest.param(page, marks=pytest.mark.slow) if page == "commands.md" else page
        for page in pages_with("console")
    ],
)
def test_every_command_prints_what_the_page_shows(
    page: str, workshop: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The lines are printed in that order; other lines may come between.

    The commands of a page share a folder, so that one can read what another wrote.
    """
    shown = [(said, out) for said, out in commands(page) if not serves(said) and "|" not in said]
    assert shown
    for command, expected in shown:
        program, *words = command.split()
        assert program == "atari"
        assert main(words) == 0, capsys.readouterr().err
        captured = capsys.readouterr()
        printed = plain([*captured.out.splitlines(), *captured.err.splitlines()])
        rest = iter(printed)
        assert all(line in rest for line in plain(expected)), (command, printed)


@pytest.mark.parametrize("page", ["README.md"])
def test_every_command_with_piped_input_prints_what_the_page_shows(page: str) -> None:
    piped = [shown for shown in commands(page) if "|" in shown[0]]
    assert piped
    for command, expected in piped:
        echo, text, pipe, program, *words = shlex.split(command)
        assert (echo, pipe, program) == ("echo", "|", "atari")
        called = [sys.executable, "-m", "atari_cli", *words]
        done = subprocess.run(called, input=text, capture_output=True, text=True, check=True)
        assert done.stdout.splitlines() == expected


def names_of_commands() -> set[str]:
    group = typer.main.get_command(app)
    assert isinstance(group, typer.core.TyperGroup)
    return set(group.commands)


def serves(command: str) -> bool:
    return command.startswith(("atari serve", "curl "))


@pytest.mark.skipif(shutil.which("curl") is None, reason="needs curl")
@pytest.mark.parametrize("page", ["README.md"])
def test_the_server_answers_as_the_page_shows(page: str, workshop: Path) -> None:
    (serve, greeting), *questions = [shown for shown in commands(page) if serves(shown[0])]
    program = [sys.executable, "-m", "atari_cli", *serve.split()[1:], "--port", "0"]
    with subprocess.Popen(program, stderr=subprocess.PIPE, text=True) as server:
        assert server.stderr
        try:
            said = server.stderr.readline().strip()
            address = said.split()[2].removeprefix("http://").removesuffix(";")
            assert [said.replace(address, "127.0.0.1:8000")] == greeting
            for command, expected in questions:
                words = [*shlex.split(command.replace("127.0.0.1:8000", address)), "--silent"]
                asked = subprocess.run(words, capture_output=True, text=True, check=True)
                assert asked.stdout.splitlines() == expected
        finally:
            server.terminate()


def test_only_the_readme_has_pipes_or_servers() -> None:
    others = [command for page in PAGES if page != "README.md" for command, _ in commands(page)]
    assert others
    assert not [command for command in others if serves(command) or "|" in command]


def test_the_readme_has_an_example_of_every_command() -> None:
    last = [command.rpartition("| ")[2] for command, _ in commands("README.md")]
    used = {command.split()[1] for command in last if command.startswith("atari ")}
    assert used == names_of_commands()


def test_the_page_of_commands_describes_every_command() -> None:
    headings = re.findall(r"^## `atari (\w+)`$", PAGES["commands.md"], re.MULTILINE)
    assert sorted(headings) == sorted(names_of_commands())


def test_the_readme_is_short() -> None:
    assert len(PAGES["README.md"].splitlines()) <= 250


@pytest.mark.parametrize(
    ("page", "block"),
    [
        (page, block)
        for page in PAGES
        if page not in WITH_PROGRAMS_TESTED_ELSEWHERE
        for block in blocks(page, "python")
    ],
)
def test_python_blocks_run(page: str, block: str, workshop: Path) -> None:
    with Server(ServeConfig(port=0), EnvironmentConfig()) as server:
        block = block.replace("http://127.0.0.1:8000", server.url)
        exec(compile(block, page, "exec"), {"__name__": "page"})


@pytest.mark.parametrize("page", pages_with("sh"))
def test_shell_blocks_contain_only_make_targets_installs_and_containers(page: str) -> None:
    """The `docker run` lines themselves are run by `tests/image/test_container.py`."""
    targets = set(re.findall(r"^(\w+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    for line in (line for block in blocks(page, "sh") for line in block.splitlines()):
        program, *words = line.split()
        assert program in ("make", "pip", "docker"), line
        assert program == "make" or words[0] == ("run" if program == "docker" else "install"), line
        assert program != "make" or set(words) <= targets, line
        assert program != "docker" or page == "docker.md", (
            "only the containers of that page are tested"
        )


def test_two_commands_set_everything_up() -> None:
    assert blocks("README.md", "sh")[0] == "make demo\nmake test\n"


def anchors(text: str) -> set[str]:
    """Return the anchors that GitHub makes of a page's headings."""
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_links_lead_to_existing_files_and_headings(file: Path) -> None:
    text = file.read_text("utf-8")
    broken = []
    for link in re.findall(r'(?:\]\(|<img src=")([^)\s"]+)', text):
        name, _, anchor = link.partition("#")
        target = file.parent / name if name else file
        if link.startswith("https://"):
            continue
        if not target.is_file() or (anchor and anchor not in anchors(target.read_text("utf-8"))):
            broken.append(link)
    assert not broken


def test_the_readme_links_to_every_page() -> None:
    assert not [page.name for page in DOCS if f"(docs/{page.name})" not in PAGES["README.md"]]


def test_the_picture_is_small() -> None:
    assert (ROOT / "docs" / "pong.gif").stat().st_size < 300_000
