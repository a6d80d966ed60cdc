"""Beds: a Python of another system that runs on this machine, with this checkout as its project."""

import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from subprocess import DEVNULL, PIPE, STDOUT, CalledProcessError, Popen
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
BUILD: Final = ROOT / "build"


class Unavailable(Exception):
    """A part of a bed cannot be had on this machine."""


@dataclass(frozen=True)
class Bed:
    """How to start programs of another system; they run in the checkout's root.

    Attributes:
        name: The system, as people call it.
        folder: Where the bed is, with the files that checks leave there.
        python: The command that starts its Python.
        variables: Environment variables for that command, in addition to this process's.
    """

    name: str
    folder: Path
    python: tuple[str, ...]
    variables: Mapping[str, str] = field(default_factory=dict)

    def run(self, *arguments: str) -> str:
        """Run its Python, print the output line by line as it comes, and return it.

        Args:
            arguments: Of Python, such as `-m` and a module; paths relative to the checkout.

        Raises:
            CalledProcessError: If it fails.
        """
        lines = []
        with Popen(
            [*self.python, *arguments],
            cwd=ROOT,
            env=self.environment(),
            stdin=DEVNULL,
            stdout=PIPE,
            stderr=STDOUT,
            encoding="utf-8",
            errors="replace",
        ) as process:
            for line in process.stdout or ():
                print(line, end="", flush=True)
                lines.append(line)
        if process.returncode:
            raise CalledProcessError(process.returncode, process.args)
        return "".join(lines)

    def environment(self) -> dict[str, str]:
        """Return the environment of its Python."""
        return {**os.environ, **self.variables}


def install(programs: Sequence[str]) -> None:
    """Install the Debian packages that are missing.

    Args:
        programs: Names of packages.

    Raises:
        Unavailable: If they cannot be installed.
    """
    try:
        missing = [name for name in programs if not is_installed(name)]
        if missing:
            print("installing", *missing, flush=True)
            root = [] if os.geteuid() == 0 else ["sudo", "--non-interactive"]
            apt = [*root, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "--quiet=2"]
            subprocess.run([*apt, "update"], check=True)
            command = [*apt, "install", "--yes", "--no-install-recommends", *missing]
            subprocess.run(command, check=True)
    except (OSError, CalledProcessError) as error:
        raise Unavailable(f"cannot install {', '.join(programs)}: {error}") from error


def is_installed(package: str) -> bool:
    """Return whether a Debian package is installed."""
    query = ["dpkg-query", "--show", "--showformat=${Status}", package]
    done = subprocess.run(query, capture_output=True, text=True, check=False)
    return done.stdout == "install ok installed"


def install_wheels(
    folder: Path, platforms: Iterable[str], python: str, extras: Iterable[str] = ()
) -> None:
    """Install what the project needs, built for another system, at the pinned versions.

    Nothing is done if the folder has the same already. pip judges markers such as `sys_platform`
    by the system that it runs on, so what they would bring must be named in `extras`.

    Args:
        folder: Where to install it.
        platforms: The platform tags of wheels that fit, such as `win_amd64`.
        python: The version of the other system's Python, such as `3.13`.
        extras: Names of extras, or requirements by name.
    """
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    optional = project["optional-dependencies"]
    needed = list(project["dependencies"])
    for name in extras:
        needed += optional.get(name, [name])
    pins = ROOT / "constraints.txt"
    options = [f"--python-version={python}", *(f"--platform={tag}" for tag in platforms)]
    stamp = folder.with_name(f"{folder.name}.installed")
    content = "\n".join([*options, *needed, pins.read_text("utf-8")])
    if stamp.exists() and stamp.read_text("utf-8") == content:
        return
    shutil.rmtree(folder, ignore_errors=True)
    pip_install(
        "--target",
        str(folder),
        "--only-binary=:all:",
        "--implementation=cp",
        f"--constraint={pins}",
        *options,
        *needed,
    )
    stamp.write_text(content, "utf-8")


def pip_install(*arguments: str) -> None:
    """Run `pip install` quietly.

    Args:
        arguments: Its further arguments.
    """
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "--no-compile", "--root-user-action=ignore", *arguments], check=True)
