"""The folders of the user's files: saved games, high scores and key bindings.

These functions create nothing. The folders are the system's: `XDG_DATA_HOME` and
`XDG_CONFIG_HOME` or their defaults on Linux, and their equivalents on macOS and Windows.
"""

import os
from pathlib import Path


def data_folder() -> Path:
    """Return the folder of slots and high scores: `ATARI_DATA_DIR`, or the system's place."""
    chosen = os.environ.get("ATARI_DATA_DIR", "").strip()
    if chosen:
        return Path(chosen).expanduser()
    import platformdirs

    return platformdirs.user_data_path("atari", appauthor=False)


def keys_file() -> Path:
    """Return the path of the user's key file, which need not exist: `keys.toml`."""
    import platformdirs

    return platformdirs.user_config_path("atari", appauthor=False) / "keys.toml"
