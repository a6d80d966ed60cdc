"""Virtual environments of peers whose dependencies conflict with ours.

They are in `.venv-peers`, and are created when something needs them, and again when their contents
change; `make clean` removes them. `tests/peers` and the benchmarks of the server share them.
`python -m benchmarks.virtual` creates them beforehand. `fcntl` and `venv` are imported in the
functions: tests import this module on Windows, where the first is missing and the second may be.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import sysconfig
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parent.parent
PINS = ROOT / "tests" / "peers" / "constraints.txt"
_FOLDER = ROOT / ".venv-peers"


class Peers:
    """A virtual environment.

    Args:
        name: Its folder's name.
        requirements: The packages to install.
        pins: A file that pins the rest.
    """

    def __init__(self, name: str, requirements: Sequence[str], pins: Path = PINS) -> None:
        self._folder = _FOLDER / name
        self._pins = pins
        self._requirements = list(requirements)
        self._stamp = self._folder / "installed"

    def make(self) -> None:
        """Create the environment, unless it exists with the same contents."""
        _FOLDER.mkdir(exist_ok=True)
        with one_at_a_time(_FOLDER / "lock"):
            self._make()

    def _make(self) -> None:
        import venv

        wanted = self._fingerprint()
        if self._stamp.is_file() and self._stamp.read_text("utf-8") == wanted:
            return
        shutil.rmtree(self._folder, ignore_errors=True)
        venv.create(self._folder, with_pip=False)
        command = [sys.executable, "-m", "pip", "--python", str(self.program("python"))]
        command += ["install", "--quiet", "--disable-pip-version-check", "--constraint"]
        command.append(str(self._pins))
        subprocess.run([*command, *self._requirements], check=True)
        self._stamp.write_text(wanted, "utf-8")

    def program(self, name: str) -> Path:
        """Return the path of a program in it."""
        return self._folder / ("Scripts" if os.name == "nt" else "bin") / name

    def packages(self) -> Path:
        """Return the folder of the installed packages."""
        variables = {"base": str(self._folder), "platbase": str(self._folder)}
        return Path(sysconfig.get_path("purelib", "venv", variables))

    def _fingerprint(self) -> str:
        parts = [sys.version, *self._requirements, self._pins.read_text("utf-8")]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()


@contextmanager
def one_at_a_time(lock: Path) -> Iterator[None]:
    """Keep other processes out of such a block with the same file."""
    import fcntl

    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def newest_peers() -> Peers:
    """Return the environment with the extra `peers` of this project."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    return Peers("newest", project["optional-dependencies"]["peers"])


def outside(variables: Mapping[str, str]) -> dict[str, str]:
    """Return this process's variables and others, without those that change Python's behaviour."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    return kept | dict(variables)


def oldest_peers() -> Peers:
    """Return the environment with the oldest release of OpenEnv's client that can be installed.

    It has neither sync() nor async.
    """
    return Peers("oldest", ["openenv==0.2.0"])


if __name__ == "__main__":
    newest_peers().make()
    oldest_peers().make()
