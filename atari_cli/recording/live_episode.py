"""An episode that a human plays: it can go back, and is kept in a journal meanwhile."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from functools import partial
from itertools import count, islice
from pathlib import Path
from typing import Any, Final

from atari_cli.config import RecordConfig
from atari_cli.errors import RecordingError, RecordingExists
from atari_cli.model import Progress, StepResult
from atari_cli.recording.episode import write_episode
from atari_cli.recording.format.naming import episode_path, final_path, journal_path, write_error
from atari_cli.recording.format.schema import Episode, new_header, printable
from atari_cli.recording.growing_arrays import GrowingArrays
from atari_cli.recording.journal import Journal
from atari_cli.recording.step_proof import StepProof
from atari_cli.sink import EpisodeStart
from atari_cli.system.files import part_path
from atari_cli.system.signals import Uninterrupted

_CHECK_STEPS: Final = 60
"""Check every this many steps that the journal file still exists."""

_TRIES: Final = 20
"""Tries to find a free name; where no file can be locked, every try fails."""

_CONTINUES: Final = "the game continues, but until its end it is only in memory"


class LiveEpisode:
    """An episode being played, which can go back and is always one continuous run.

    It is kept in memory, without pictures, and with `files` also in a journal, so that a killed
    process loses nothing. If the journal can no longer be written, the episode continues in memory:
    `failure` says why, and no method raises.

    Args:
        start: The episode, which was just reset.
        files: Where the recording goes; only `out` is used. The file is
            `<out>/<game>-<policy>-s<run seed>-<nnn>.npz`, with the first free number starting from
            that of the episode. None keeps the episode only in memory.
        created: When the game began, if an earlier recording of it says so.

    Attributes:
        header: The header of the recording, without totals and digest. `policy` may be changed
            until it is written.
        failure: Why the journal can no longer be written, in one line; None if it can.

    Raises:
        RecordingError: If the journal cannot be created.
    """

    def __init__(
        self, start: EpisodeStart, files: RecordConfig | None, created: str | None = None
    ) -> None:
        self.header: dict[str, Any] = new_header(start)
        if created:
            self.header["created"] = created
        self.failure: str | None = None
        self._columns = GrowingArrays(start.environment.game)
        self._proof = StepProof(start.environment.emulator)
        self._proof.update()
        self._columns.add_state(self._proof)
        self._journal: Journal | None = None
        self._journalled = 0
        self._written: Path | None = None
        if files:
            self._config = replace(files, video=False, screens=False, overwrite=False)
            self._begin_journal(start)

    @property
    def steps(self) -> int:
        """Number of steps."""
        return self._columns.steps

    @property
    def last_actor(self) -> int | None:
        """The actor of the last step; None before the first."""
        return self._columns.last_actor

    def step(self, action: int, actor: int, result: StepResult) -> None:
        """Add the step just played.

        Args:
            action: The action as an ALE code.
            actor: `POLICY` or `HUMAN`.
            result: The result of the step.
        """
        with Uninterrupted():
            self._proof.update()
            self._columns.step(action, actor, result, self._proof)
            self._note(lambda journal: journal.append(self._proof, action, actor))

    def cut(self, steps: int) -> None:
        """Keep the first steps and discard the later ones; the environment has just gone back.

        Raises:
            InvalidSetting: If there are fewer steps.
        """
        with Uninterrupted():
            frames = self._columns.frames(steps)
            if steps == self.steps:
                return
            self._columns.cut(steps)
            self._proof.go_back(frames)
            self._note(lambda journal: journal.cut(steps))

    def progress(self, steps: int) -> Progress:
        """Return the progress after a step, for `AtariEnvironment.go_back`.

        Raises:
            InvalidSetting: If there are fewer steps.
        """
        return self._columns.progress(steps)

    @property
    def state_hash(self) -> int:
        """The hash after the last step, as in the array `hashes`."""
        return self._columns.state_hash

    def episode(self) -> Episode:
        """Return a copy of the episode so far, with totals and digest in its header."""
        policy = printable(self.header["policy"])
        return self._columns.episode(self.header | {"policy": policy})

    def write(self, path: Path) -> None:
        """Write the episode so far as a recording without screens; a file there is replaced.

        It appears whole or not at all.

        Raises:
            RecordingError: If it cannot be written; a file that was there is as it was.
        """
        with Uninterrupted():
            try:
                write_episode(path, self.episode())
            except OSError as error:
                raise write_error(path, error) from error

    def finish(self) -> Path | None:
        """Write the recording and remove the journal; return the file.

        Calling it again returns the same file. Ctrl-C is delayed until it is done.

        Returns:
            The NPZ file; None without steps or without `files`.

        Raises:
            RecordingError: If it cannot be written; the message says what is lost. Call it again to
                retry; after the process has ended, `recover` finds what the journal has.
        """
        if self._journal:
            with Uninterrupted():
                self._finish(self._journal)
        return self._written

    def _begin_journal(self, start: EpisodeStart) -> None:
        config, game = self._config, self.header["game"]
        named = partial(episode_path, config, game, start.policy, start.run_seed)
        try:
            Path(config.out).mkdir(parents=True, exist_ok=True)
            self._journal = _open_journal(map(named, count(start.episode)), self.header, config)
            self._journal.append(self._proof)
        except OSError as error:
            if self._journal:
                self._journal.remove()
            raise write_error(named(start.episode), error) from error

    def _finish(self, journal: Journal) -> None:
        if self.steps:
            try:
                self._written = self._write_final(journal.path.with_suffix(".npz"))
            except OSError as error:
                raise self._lost(journal, error) from error
        # A journal left behind next to its recording does no harm: `recover` removes it.
        with suppress(OSError):
            journal.remove()
        journal.close()
        self._journal = None

    def _write_final(self, npz: Path) -> Path:
        """Write the recording under its name or the next free one, and return the path."""
        # The folder may have been deleted meanwhile.
        npz.parent.mkdir(parents=True, exist_ok=True)
        path = final_path(npz, self._config, has_ended=False)
        write_episode(path, self.episode(), part_path(npz))
        return path

    def _lost(self, journal: Journal, error: OSError) -> RecordingError:
        """Return the error that says what is lost and what can be recovered."""
        folder = journal.path.parent
        held = self._journalled if _is_there(journal) else 0
        outcome = f"the {self.steps:,} steps that were played are lost"
        if held and not self.failure:
            outcome = f"then finish what was played with `atari recover {folder}`"
        elif held:
            outcome = f"`atari recover {folder}` brings back {held:,} steps, not all {self.steps:,}"
        return RecordingError(f"{write_error(journal.path.with_suffix('.npz'), error)}; {outcome}")

    def _note(self, write: Callable[[Journal], None]) -> None:
        """Write to the journal, or set `failure` if that fails."""
        journal = self._journal
        if journal is None or self.failure:
            return
        try:
            write(journal)
        except OSError as error:
            self.failure = f"{write_error(journal.path, error)}; {_CONTINUES}"
            return
        if self.steps % _CHECK_STEPS == 0 and not _is_there(journal):
            self.failure = f"{journal.path} was deleted; {_CONTINUES}"
            return
        self._journalled = self.steps


def _open_journal(names: Iterator[Path], header: dict[str, Any], config: RecordConfig) -> Journal:
    """Return a journal for the first name that has neither a recording nor a journal."""
    free = (npz for npz in names if not npz.exists() and not journal_path(npz).exists())
    for npz in islice(free, _TRIES):
        with suppress(RecordingExists):
            journal = Journal.create(journal_path(npz), header, config)
            if not npz.exists():
                return journal
            # Another process has just finished a recording of this name.
            journal.remove()
    raise RecordingExists(f"no file in {config.out} can be locked; choose another folder")


def _is_there(journal: Journal) -> bool:
    try:
        return journal.is_there()
    except OSError:
        return False
