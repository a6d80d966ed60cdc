"""The settings of recordings."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from atari_cli.config.checked import Checked, setting
from atari_cli.validation import as_path, flag, one_of, whole_number

VIDEO_FORMATS: Final = ("mp4", "gif", "mkv")


@dataclass(frozen=True, kw_only=True)
class RecordConfig(Checked):
    """The files that are written for each episode.

    Attributes:
        out: Folder of the recordings; it is created if missing.
        video: Write a video next to the NPZ file.
        format: `mp4` (H.264 with sound), `gif` (50 frames/s, no sound) or `mkv` (lossless).
        scale: Video pixels per Atari pixel, in both directions.
        screens: Store the screen and RAM of each step in the NPZ file.
        overwrite: Replace existing files.

    Raises:
        InvalidSetting: If a value is outside its range.
    """

    out: Path = setting(Path("recordings"), as_path)
    video: bool = setting(True, flag)
    format: str = setting("mp4", one_of(VIDEO_FORMATS))
    scale: int = setting(4, whole_number(1, 16))
    screens: bool = setting(True, flag)
    overwrite: bool = setting(False, flag)
