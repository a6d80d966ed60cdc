"""Build a bed of 64-bit ARM in build/arm64 and check the project on it (`make arm64`).

It is Debian's Python for arm64 under qemu's user mode, with the wheels of the base installation.
It shows whether another processor plays alike. It says nothing of speed, screens or windows.
"""

import os
import subprocess
from pathlib import Path
from typing import Final

from scripts.systems.bed import BUILD, ROOT, Bed, install, install_wheels
from scripts.systems.checks import check_games, check_recordings

FOLDER: Final = BUILD / "arm64"
APT: Final = """
APT::Architecture "arm64";
APT::Architectures "arm64";
APT::Install-Recommends "false";
APT::Sandbox::User "";
Dir::State "{folder}/state";
Dir::State::status "{folder}/state/status";
Dir::Cache "{folder}/cache";
"""
"""A configuration with which apt fetches packages for ARM and leaves this system's alone."""


def main() -> None:
    """Build what is missing of the bed and run the checks."""
    bed = build(FOLDER)
    check_games(bed)
    check_recordings(bed)


def build(folder: Path) -> Bed:
    """Return the bed, built unless it is there from an earlier time.

    Args:
        folder: The bed's folder.
    """
    install(["qemu-user-static"])
    root, site = folder / "root", folder / "site"
    if not list(root.glob("usr/bin/python3.*")):
        for package in fetch_packages(folder / "apt", ["python3", "libstdc++6"]):
            subprocess.run(["dpkg-deb", "--extract", package, root], check=True)
    [python] = root.glob("usr/bin/python3.[0-9]*[0-9]")
    install_wheels(site, arm_platforms(), python.name.removeprefix("python"))
    return Bed(
        "64-bit ARM",
        folder,
        ("qemu-aarch64-static", "-L", str(root), str(python)),
        {"PYTHONPATH": f"{ROOT}:{site}", "PYTHONDONTWRITEBYTECODE": "1"},
    )


def fetch_packages(folder: Path, names: list[str]) -> list[Path]:
    """Return Debian packages for arm64 and all that they need, fetched but not installed.

    Args:
        folder: Where apt keeps its lists and the packages.
        names: Names of packages.
    """
    for place in ("state/lists/partial", "cache/archives/partial"):
        (folder / place).mkdir(parents=True, exist_ok=True)
    (folder / "state" / "status").touch()
    configuration = folder / "apt.conf"
    configuration.write_text(APT.format(folder=folder), "utf-8")
    environment = {**os.environ, "APT_CONFIG": str(configuration)}
    apt = ["apt-get", "--quiet=2"]
    subprocess.run([*apt, "update"], env=environment, check=True)
    subprocess.run([*apt, "install", "--download-only", *names], env=environment, check=True)
    return list((folder / "cache" / "archives").glob("*.deb"))


def arm_platforms() -> list[str]:
    """Return the platform tags of wheels that Debian 12 and newer run."""
    return ["manylinux2014_aarch64", *(f"manylinux_2_{n}_aarch64" for n in range(17, 37))]


if __name__ == "__main__":
    main()
