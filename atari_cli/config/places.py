"""Where the user's own files are: what is kept between games, and the keys.

Nothing is made by asking. The folders are those of the system: `XDG_DATA_HOME` and
`XDG_CONFIG_HOME` or their defaults on Linux, and what macOS and Windows have in their place.
"""

import os
from collections.abc import Mapping
from pathlib import Path


def data_folder(variables: Mapping[str, str] = os.environ) -> Path:
    """Return the folder of slots and high scores: `ATARI_DATA_DIR`, or the system's place."""
    chosen = variables.get("ATARI_DATA_DIR", "").strip()
    if chosen:
        return Path(chosen).expanduser()
    import platformdirs

    return platformdirs.user_data_path("atari", appauthor=False)


def keys_file() -> Path:
    """Return where the user's key file is if there is one: `keys.toml` of the system's place."""
    import platformdirs

    return platformdirs.user_config_path("atari", appauthor=False) / "keys.toml"
