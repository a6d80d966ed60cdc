"""The house's floors: a room imports only from lower ranks, and each third party has one door."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "atari_cli"

# A room is a module or folder of atari_cli; rooms of one rank never import each other.
FLOORS = (
    {"version", "errors"},
    {"checks", "actions"},
    {"config", "model", "packing", "seeding"},
    {"games", "saved_state"},
    {"emulator", "wire"},
    {"observation", "client"},
    {"environment"},
    {"sink"},
    {"policies", "rollout", "recording", "terminal"},
    {"play", "server", "evaluation", "export"},
    {"cli"},
)
RANKS = {room: rank for rank, rooms in enumerate(FLOORS) for room in rooms}

# Where a third party may be imported: rooms, or files of theirs. `atari doctor` looks behind some
# doors. What is in no row may be imported nowhere, but for numpy and the standard library.
DOORS = {
    "ale_py": {"emulator", "cli/doctor"},
    "cloudpickle": {"rollout"},
    "imageio": {"server/encoding"},
    "imageio_ffmpeg": {"recording"},
    "platformdirs": {"config"},
    "pygame": {"play"},
    "ray": {"rollout"},
    "rich": {"cli"},
    "orjson": {"wire"},
    "pydantic": {"wire", "server"},
    "typer": {"cli"},
    "websockets": {"server", "client"},
}
ABOVE = {"__init__", "__main__"}
EVERYWHERE = sys.stdlib_module_names | {"numpy"}


def imported_modules(source: str) -> Iterator[str]:
    """Yield the dotted name of each import, wherever in the source it stands."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = "." * node.level + (node.module or "")
            if module == "atari_cli":
                yield from (f"atari_cli.{alias.name}" for alias in node.names)
            else:
                yield module


def breach(place: str, imported: str) -> str | None:
    """Return what is wrong with an import in a place such as `cli/app`, None if it is allowed."""
    room = place.partition("/")[0]
    top, _, rest = imported.partition(".")
    target = rest.partition(".")[0]
    if top in ("", "atari_env"):
        return f"{room} imports {imported}; write the name from atari_cli down"
    if top != "atari_cli":
        doors = DOORS.get(top, set())
        if top in EVERYWHERE or doors & {room, place}:
            return None
        return f"{place} imports {top}; its doors are in {', '.join(sorted(doors)) or 'no room'}"
    if target == room:
        return None
    if target not in RANKS:
        return f"{room} imports {imported}, which is no room: import from the module that has it"
    if RANKS[target] >= RANKS[room]:
        return f"{room} imports {target}, which has no lower rank"
    return None


def breaches(place: str, source: str) -> list[str]:
    """Return every breach in a source that stands in a place."""
    return [wrong for name in imported_modules(source) if (wrong := breach(place, name))]


def places_and_files() -> list[tuple[str, Path]]:
    """Return each file but those that stand above all rooms, which only name what is public."""
    files = {
        file.relative_to(PACKAGE).with_suffix("").as_posix(): file
        for file in sorted(PACKAGE.rglob("*.py"))
    }
    return [(place, file) for place, file in files.items() if place not in ABOVE]


def test_every_room_has_a_rank() -> None:
    rooms = {place.partition("/")[0] for place, _ in places_and_files()}
    assert rooms <= RANKS.keys(), f"give these a rank in FLOORS: {sorted(rooms - RANKS.keys())}"


def test_rooms_import_only_from_lower_ranks_and_keep_to_their_doors() -> None:
    found = [
        f"{file.relative_to(PACKAGE)}: {wrong}"
        for place, file in places_and_files()
        for wrong in breaches(place, file.read_text(encoding="utf-8"))
    ]
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    ("place", "source", "expected"),
    [
        ("games", "from atari_cli.cli import main", "games imports cli"),
        ("policies", "import atari_cli.rollout", "policies imports rollout"),
        ("config", "from atari_cli import games", "config imports games"),
        ("config", "def f():\n    import atari_cli.cli.app", "config imports cli"),
        ("errors", "if TYPE_CHECKING:\n    from atari_cli.model import Frame", "imports model"),
        ("cli", "from atari_cli import AtariEnvironment", "which is no room"),
        ("games", "from . import errors", "write the name from atari_cli down"),
        ("games", "import atari_env", "write the name from atari_cli down"),
        ("environment", "from ale_py import roms", "environment imports ale_py"),
        ("recording/video", "def f():\n    import pygame.mixer", "recording/video imports pygame"),
        ("recording/video", "from atari_cli.cli import app", "recording imports cli"),
        ("cli/info", "import ale_py", "its doors are in cli/doctor, emulator"),
        ("cli/info", "import requests", "its doors are in no room"),
    ],
)
def test_the_checker_catches_a_breach(place: str, source: str, expected: str) -> None:
    (wrong,) = breaches(place, source)
    assert expected in wrong


@pytest.mark.parametrize(
    ("place", "source"),
    [
        ("cli/doctor", "from atari_cli.cli.output import table\nimport ale_py"),
        ("environment", "from atari_cli import errors\nimport numpy as np"),
        ("rollout", "def f():\n    import ray\n    from atari_cli.environment import save"),
    ],
)
def test_the_checker_lets_allowed_imports_pass(place: str, source: str) -> None:
    assert breaches(place, source) == []
