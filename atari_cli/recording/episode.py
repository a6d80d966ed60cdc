"""The files of one episode, written while it is played: NPZ and video."""

import json
import os
from array import array
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from atari_cli.config import RecordConfig
from atari_cli.errors import RecordingError
from atari_cli.games import find_game, palette
from atari_cli.model import StepResult
from atari_cli.observation import PlayedFrame
from atari_cli.recording.layout import DTYPES, PICTURES, array_shapes, digest
from atari_cli.recording.naming import video_path
from atari_cli.recording.npz import NpzWriter, Spool
from atari_cli.recording.probe import Probe

if TYPE_CHECKING:
    from atari_cli.recording.video import VideoWriter

_TYPECODES: Final = {"u1": "B", "b1": "B", "f4": "f", "u4": "I"}


class EpisodeWriter:
    """Gathers an episode step by step and writes its files when it ends.

    Args:
        npz: The NPZ file to write, the video beside it; until the end it is a `.part` file.
        header: The episode's header without totals and digest.
        config: What to write.

    Raises:
        OSError: If a file cannot be written; here and in the methods.
        MissingDependency: If the video's encoder is not installed.
    """

    def __init__(self, npz: Path, header: dict[str, Any], config: RecordConfig) -> None:
        self._config = config
        self._npz = npz
        self._part = npz.with_name(f"{npz.name}.part")
        self._header = header
        self._game = find_game(header["game"])
        self._columns: dict[str, array[Any]] = {
            name: array(_TYPECODES[DTYPES[name].str[1:]])
            for name in array_shapes(self._game, 0, 0)
            if name not in PICTURES
        }
        self._spools = {}
        if config.screens:
            self._spools = {"screens": Spool(npz.parent), "ram": Spool(npz.parent)}
        self._video: VideoWriter | None = None
        if config.video:
            self._open_video()

    def start(self, probe: Probe, frames: Sequence[PlayedFrame]) -> None:
        """Add the moment after the reset and, for the video, the frames that led to it."""
        self._add_moment(probe, frames)

    def step(
        self,
        action: int,
        actor: int,
        result: StepResult,
        probe: Probe,
        frames: Sequence[PlayedFrame],
    ) -> None:
        """Add a step: its action as an ALE code, who chose it, and what came of it."""
        columns = self._columns
        columns["actions"].append(action)
        columns["actors"].append(actor)
        columns["rewards"].append(result.reward)
        columns["terminations"].append(result.terminated)
        columns["truncations"].append(result.truncated)
        columns["lives"].append(result.observation.lives)
        self._add_moment(probe, frames)

    def finish(self, npz: Path) -> list[Path]:
        """Put the files in place, each at once and whole, and return them: NPZ, then video.

        Args:
            npz: The final name of the NPZ file, in the same folder.
        """
        self._write_npz()
        written = [npz]
        if self._video:
            video = video_path(npz, self._config)
            self._video.finish(video)
            written.append(video)
        os.replace(self._part, npz)
        self._close_spools()
        return written

    def abandon(self) -> None:
        """Delete what was written so far; after `finish` there is nothing to delete."""
        self._close_spools()
        if self._video:
            self._video.abandon()
        with suppress(OSError):
            self._part.unlink(missing_ok=True)

    def _open_video(self) -> None:
        from atari_cli.recording.video import VideoWriter

        sound = self._header["settings"]["sound"]
        try:
            path = video_path(self._npz, self._config)
            self._video = VideoWriter(path, self._game, self._config, sound)
        except BaseException:
            self.abandon()
            raise

    def _close_spools(self) -> None:
        for spool in self._spools.values():
            spool.close()

    def _add_moment(self, probe: Probe, frames: Sequence[PlayedFrame]) -> None:
        self._columns["hashes"].append(probe.state_hash)
        self._columns["frame_actions"].frombytes(probe.codes)
        if "strengths" in self._columns:
            self._columns["strengths"].frombytes(probe.strengths)
        for name, spool in self._spools.items():
            spool.append(probe.pictures[name].data)
        if self._video:
            if not frames:
                raise RecordingError("a video needs every frame: make AtariEnvironment keep_frames")
            for frame in frames:
                self._video.write(frame)

    def _write_npz(self) -> None:
        arrays = {name: np.array(column, DTYPES[name]) for name, column in self._columns.items()}
        header = self._header | {"totals": _totals(arrays)}
        header["digest"] = digest(header, arrays)
        shapes = array_shapes(self._game, len(arrays["actions"]), len(arrays["frame_actions"]))
        with NpzWriter(self._part) as npz:
            npz.add("header", np.frombuffer(json.dumps(header).encode(), np.uint8))
            for name, values in arrays.items():
                npz.add(name, values)
            for name, spool in self._spools.items():
                npz.stream(name, DTYPES[name], shapes[name], spool.chunks())
            if self._spools:
                npz.add("palette", palette(self._game.tv))


def _totals(arrays: dict[str, NDArray[Any]]) -> dict[str, int | float | bool]:
    return {
        "steps": len(arrays["actions"]),
        "frames": len(arrays["frame_actions"]),
        "score": float(arrays["rewards"].sum(dtype=np.float64)),
        "terminated": bool(arrays["terminations"][-1:].any()),
        "truncated": bool(arrays["truncations"][-1:].any()),
    }
