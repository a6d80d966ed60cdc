"""The root exports the library; its docstring and docs/library.md name every export, and run."""

import dataclasses
import inspect
import re
import textwrap
from pathlib import Path
from types import FunctionType

import pytest
import typer
import typer.core

import atari_cli
from atari_cli import errors
from atari_cli.cli.app import app
from atari_cli.config import EnvironmentConfig, ServeConfig
from atari_cli.recording import load_recording, verify
from atari_cli.server import Server

LIBRARY = (Path(__file__).parents[2] / "docs" / "library.md").read_text(encoding="utf-8")
TOUR = re.findall(r"(?:^    .*\n|^\n(?=    ))+", inspect.getdoc(atari_cli) or "", re.MULTILINE)
EXPORTS: list[str] = vars(atari_cli)["__all__"]
NAMES = set(EXPORTS)


def section(heading: str) -> str:
    """Return the text of a section of docs/library.md."""
    return LIBRARY.partition(f"## {heading}\n")[2].partition("\n## ")[0]


def rows(heading: str) -> list[list[str]]:
    """Return the cells of a section's table without its head."""
    lines = [line for line in section(heading).splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def names(cell: str) -> list[str]:
    return re.findall(r"`(\w+)`", cell)


def verbs() -> list[tuple[str, str]]:
    """Return each command of the table, without options, and its function."""
    return [(cells[0].split()[1].strip("`"), names(cells[1])[0]) for cells in rows(PAIRS)]


PAIRS = "Commands and functions"


def test_every_command_has_a_function() -> None:
    group = typer.main.get_command(app)
    assert isinstance(group, typer.core.TyperGroup)
    commands = set(group.commands)
    assert {command for command, _ in verbs()} == commands
    assert {function for _, function in verbs()} <= NAMES


def test_every_exported_function_belongs_to_a_command_or_is_listed_below() -> None:
    functions = {name for name in NAMES if isinstance(getattr(atari_cli, name), FunctionType)}
    listed = {name for cells in rows("Other names") for name in names(cells[0])}
    assert functions == {function for _, function in verbs()} | (functions & listed)
    assert not listed & {function for _, function in verbs()}


def test_a_function_is_named_like_its_command_unless_the_name_is_taken() -> None:
    """A folder or module of atari_cli would overwrite it; `find_game` is a better-known name."""
    folder = Path(atari_cli.__file__).parent
    taken = {entry.stem for entry in folder.iterdir()} | {"rollout", "replay", "mcp", "info"}
    free = {command for command, _ in verbs()} - taken
    assert free == {"record", "recover", "scores", "serve", "doctor"}
    assert all((command, command) in verbs() for command in free)


def test_the_tables_name_every_export() -> None:
    listed = [name for cells in rows("Other names") for name in names(cells[0])]
    raised = [name for cells in rows("Errors") for name in names(cells[0])]
    assert {function for _, function in verbs()} | {*listed} | {*raised} == NAMES
    assert len(listed + raised) == len({*listed, *raised})


def test_every_error_is_exported() -> None:
    classes = {
        name
        for name, value in vars(errors).items()
        if inspect.isclass(value) and value.__module__ == errors.__name__
    }
    assert classes == {name for cells in rows("Errors") for name in names(cells[0])}
    assert classes <= NAMES


def test_dir_lists_the_exports() -> None:
    assert sorted(EXPORTS) == EXPORTS == dir(atari_cli)


@pytest.mark.parametrize("block", TOUR)
def test_the_tour_of_the_docstring_runs(
    block: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with Server(ServeConfig(port=0), EnvironmentConfig()) as server:
        block = textwrap.dedent(block).replace("http://127.0.0.1:8000", server.url)
        exec(compile(block, "atari_cli", "exec"), {"__name__": "tour"})


def test_the_tour_has_five_blocks() -> None:
    assert len(TOUR) == 5


def test_the_blocks_of_the_library_page_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for block in re.findall(r"^```python\n(.*?)^```", LIBRARY, re.DOTALL | re.MULTILINE):
        exec(compile(block, "docs/library.md", "exec"), {"__name__": "library"})
    written = sorted(path.name for path in Path("recordings").iterdir())
    assert written == [f"breakout-dqn-s0-00{episode}.npz" for episode in range(3)]
    for name in written:
        verify(load_recording(Path("recordings", name)))
    assert load_recording(Path("with-screens.npz")).has_screens
    assert Path("rally.gif").stat().st_size


def test_a_loop_is_recorded_in_five_lines() -> None:
    """The five lines include the loop itself but not the creation of the environment."""
    block = section("Record your own loop").partition("\nwith ")[2].partition("```")[0]
    assert len(block.splitlines()) == 5


DATACLASSES = [name for name in sorted(NAMES) if dataclasses.is_dataclass(getattr(atari_cli, name))]


@pytest.mark.parametrize("name", DATACLASSES)
def test_every_public_field_is_described(name: str) -> None:
    """In the `Attributes:` of the class itself: `help()` prints no others."""
    exported = getattr(atari_cli, name)
    described = (inspect.getdoc(exported) or "").partition("Attributes:\n")[2]
    public = [field.name for field in dataclasses.fields(exported) if field.name[0] != "_"]
    assert not [field for field in public if f"    {field}: " not in described]
