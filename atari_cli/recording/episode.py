"""The files of one episode, written while it is played: NPZ and video."""

import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from atari_cli.config import RecordConfig
from atari_cli.errors import RecordingError
from atari_cli.games import find_game, palette
from atari_cli.observation import PlayedFrame
from atari_cli.recording.format.naming import episode_files
from atari_cli.recording.format.npz import NpzWriter, Spool
from atari_cli.recording.format.schema import DTYPES, Episode, array_shapes
from atari_cli.recording.step_proof import StepProof
from atari_cli.system.files import part_path, whole_file

if TYPE_CHECKING:
    from atari_cli.recording.media.video import VideoWriter


class EpisodeWriter:
    """Writes the files of an episode: screens and video while it is played, the rest at its end.

    Args:
        npz: The NPZ file to write, next to the video; they appear when `finish` is called.
        header: The episode's header; only game and settings are used.
        config: The files to write.

    Raises:
        OSError: If a file cannot be written; here and in the methods.
        MissingDependency: If the video's encoder is not installed.
    """

    def __init__(self, npz: Path, header: dict[str, Any], config: RecordConfig) -> None:
        self._config = config
        self._npz = npz
        self._game = find_game(header["game"])
        self._spools = {}
        if config.screens:
            self._spools = {"screens": Spool(npz.parent), "ram": Spool(npz.parent)}
        self._video: VideoWriter | None = None
        if config.video:
            self._open_video(header["settings"]["sound"])

    def add(self, proof: StepProof, frames: Sequence[PlayedFrame]) -> None:
        """Add the state after the reset or a step.

        Args:
            proof: The proof of that step.
            frames: Its frames, for the video; those of the reset begin with the boot.

        Raises:
            RecordingError: If a video lacks the frames.
        """
        for name, spool in self._spools.items():
            spool.append(proof.pictures[name].data)
        if self._video:
            if not frames:
                raise RecordingError("a video needs every frame: set AtariEnvironment.keep_frames")
            for frame in frames:
                self._video.write(frame)

    def finish(self, npz: Path, episode: Episode) -> list[Path]:
        """Write the files, each whole or not at all, and return them: NPZ, then video.

        Args:
            npz: The final name of the NPZ file, in the same folder.
            episode: The episode, with totals and digest in its header.
        """
        files = episode_files(npz, self._config)
        with whole_file(npz, part_path(self._npz)) as part:
            with part.open("wb") as file, NpzWriter(file) as npz_file:
                _add_arrays(npz_file, episode)
                self._add_pictures(npz_file, episode)
            if self._video:
                self._video.finish(files[-1])
        self._close_spools()
        return files

    def abandon(self) -> None:
        """Delete what was written so far; does nothing after `finish`."""
        self._close_spools()
        if self._video:
            self._video.abandon()

    def _open_video(self, sound: bool) -> None:
        from atari_cli.recording.media.video import VideoWriter

        try:
            path = episode_files(self._npz, self._config)[-1]
            self._video = VideoWriter(path, self._game, self._config, sound)
        except BaseException:
            self.abandon()
            raise

    def _close_spools(self) -> None:
        for spool in self._spools.values():
            spool.close()

    def _add_pictures(self, file: NpzWriter, episode: Episode) -> None:
        if not self._spools:
            return
        shapes = array_shapes(self._game, episode.steps, len(episode.arrays["frame_actions"]))
        for name, spool in self._spools.items():
            file.stream(name, DTYPES[name], shapes[name], spool.chunks())
        file.add("palette", palette(self._game.tv))


def write_episode(path: Path, episode: Episode) -> None:
    """Write an episode without pictures, whole or not at all; a file that exists is replaced.

    Args:
        path: The NPZ file.
        episode: The episode, with totals and digest in its header.

    Raises:
        OSError: If it cannot be written; an existing file is unchanged.
    """
    with whole_file(path) as part, part.open("wb") as file, NpzWriter(file) as npz:
        _add_arrays(npz, episode)


def episode_bytes(episode: Episode) -> bytes:
    """Return the content of the file that `write_episode` writes."""
    file = io.BytesIO()
    with NpzWriter(file) as npz:
        _add_arrays(npz, episode)
    return file.getvalue()


def _add_arrays(npz: NpzWriter, episode: Episode) -> None:
    """Write header and arrays of an episode."""
    npz.add("header", np.frombuffer(json.dumps(episode.header).encode(), np.uint8))
    for name, values in episode.arrays.items():
        npz.add(name, values)
