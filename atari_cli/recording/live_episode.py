"""An episode that is being recorded: its arrays in memory, and its inputs in a journal."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from itertools import count, islice
from pathlib import Path
from typing import Any, Final

from atari_cli.config import RecordConfig
from atari_cli.errors import AtariError, RecordingError, RecordingExists
from atari_cli.model import StepResult
from atari_cli.recording.episode import EpisodeWriter, write_episode
from atari_cli.recording.format.naming import episode_path, final_path, journal_path, write_error
from atari_cli.recording.format.schema import Episode, new_header, printable
from atari_cli.recording.growing_arrays import GrowingArrays
from atari_cli.recording.journal import Journal
from atari_cli.recording.step_proof import StepProof
from atari_cli.sink import EpisodeStart
from atari_cli.system.shell import quoted
from atari_cli.system.signals import Uninterrupted

_CHECK_STEPS: Final = 60
"""Check every this many steps that the journal file still exists."""

_TRIES: Final = 20
"""Tries to find a free name."""

_NO_LOCKS: Final = (
    "is on a file system without locks: do not run `atari recover` there during a recording"
)
_CONTINUES: Final = "the game continues, but until its end it is only in memory"


class LiveEpisode:
    """An episode being played, which can go back and is always one continuous run.

    It is kept in memory, and with `files` also in a journal, so that a killed process loses
    nothing. If the journal can no longer be written, the episode continues in memory: `failure`
    says why. No method raises that, and without pictures no step does.

    Args:
        start: The episode, which was just reset.
        files: The files to write; None keeps the episode only in memory.
        created: When the game began, if an earlier recording of it says so.
        npz: The recording's file. If None, `<out>/<game>-<policy>-s<run seed>-<nnn>.npz` with the
            first free number starting from that of the episode.
        has_pictures: Write the screens and the video that `files` asks for while it is played.

    Attributes:
        header: The header of the recording, without totals and digest. `policy` may be changed
            until it is written.
        arrays: The arrays so far, without pictures.
        npz: The recording's file; only with `files`.
        error: Why the journal can no longer be written; None if it can.
        failure: The same as one line for the player; also set if the journal was deleted.
        warning: What the player should know, as one line: nothing protects the journal on a file
            system without locks. None without any.

    Raises:
        RecordingError: If the files cannot be created.
        MissingDependency: If the video's encoder is not installed.
    """

    npz: Path

    def __init__(
        self,
        start: EpisodeStart,
        files: RecordConfig | None,
        created: str | None = None,
        *,
        npz: Path | None = None,
        has_pictures: bool = True,
    ) -> None:
        self.header: dict[str, Any] = new_header(start)
        if created:
            self.header["created"] = created
        self.error: OSError | None = None
        self.failure: str | None = None
        self.warning: str | None = None
        self.arrays = GrowingArrays(start.environment.game)
        self._environment = start.environment
        self._proof = StepProof(start.environment.emulator)
        self._proof.update()
        self.arrays.add_state(self._proof)
        self._journal: Journal | None = None
        self._journalled = 0
        self._writer: EpisodeWriter | None = None
        self._written: list[Path] = []
        if files:
            self._files = files
            self._open(start, npz, has_pictures)

    @property
    def steps(self) -> int:
        """Number of steps."""
        return self.arrays.steps

    def step(self, action: int, actor: int, result: StepResult) -> None:
        """Add the step just played.

        Args:
            action: The action as an ALE code.
            actor: `POLICY` or `HUMAN`.
            result: The result of the step.
        """
        with Uninterrupted():
            self._proof.update()
            self.arrays.step(action, actor, result, self._proof)
            self._note(lambda journal: journal.append(self._proof, action, actor))
            if self._writer:
                self._writer.add(self._proof, self._environment.frames)

    @contextmanager
    def written_together(self) -> Iterator[None]:
        """Write the steps of a block to the journal at its end, with one call, which is faster.

        A kill within the block loses its steps.
        """
        journal, before = self._journal, self._journalled
        if journal is None:
            yield
            return
        try:
            journal.hold()
            yield
        finally:
            with Uninterrupted():
                if not self._note(lambda journal: journal.flush()):
                    self._journalled = before

    def cut(self, steps: int) -> None:
        """Keep the first steps and discard the later ones; the environment has just gone back.

        Raises:
            InvalidSetting: If there are fewer steps.
        """
        with Uninterrupted():
            frames = self.arrays.frames(steps)
            if steps == self.steps:
                return
            self.arrays.cut(steps)
            self._proof.go_back(frames)
            self._note(lambda journal: journal.cut(steps))

    def episode(self) -> Episode:
        """Return a copy of the episode so far, with totals and digest in its header."""
        policy = printable(self.header["policy"])
        return self.arrays.episode(self.header | {"policy": policy})

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

    def finish(self, has_ended: bool = False) -> list[Path]:
        """Write the files and remove the journal; return the files: NPZ, then video.

        Calling it again returns the same files. Ctrl-C is delayed until it is done.

        Args:
            has_ended: Whether the episode may replace another file, if `files` allows that.

        Returns:
            None of them without steps or without `files`.

        Raises:
            RecordingError: If they cannot be written; the message says what is lost. Without
                pictures, call it again to retry; after the process has ended, `recover` finds what
                the journal has.
        """
        if self._journal:
            with Uninterrupted():
                self._finish(self._journal, has_ended)
        return self._written

    def leave(self) -> None:
        """Delete unfinished files and close the journal, which stays to be recovered."""
        if self._writer:
            self._writer.abandon()
        if self._journal:
            self._journal.close()
            self._journal = None

    def discard(self) -> None:
        """Delete unfinished files and the journal.

        Raises:
            RecordingError: If the journal cannot be deleted.
        """
        try:
            if self._journal:
                self._journal.remove()
        except OSError as error:
            raise write_error(journal_path(self.npz), error) from error
        finally:
            self.leave()

    def _open(self, start: EpisodeStart, npz: Path | None, has_pictures: bool) -> None:
        """Begin the journal, under the given name or a free one, and the pictures."""
        files, game = self._files, start.environment.game.id
        named = partial(episode_path, files, game, start.policy, start.run_seed)
        self.npz = npz or named(start.episode)
        try:
            self.npz.parent.mkdir(parents=True, exist_ok=True)
            if npz:
                self._journal = Journal.create(journal_path(npz), self.header, files)
            else:
                self._journal = _open_free(map(named, count(start.episode)), self.header, files)
                self.npz = self._journal.path.with_suffix(".npz")
            if not self._journal.is_locked:
                self.warning = f"{files.out} {_NO_LOCKS}"
            self._journal.append(self._proof)
            if has_pictures:
                self._writer = EpisodeWriter(self.npz, self.header, files)
                self._writer.add(self._proof, start.environment.frames)
        except BaseException as error:
            self.discard()
            if isinstance(error, OSError):
                raise write_error(self.npz, error) from error
            raise

    def _finish(self, journal: Journal, has_ended: bool) -> None:
        if self.steps and self._writer:
            try:
                # The folder may have been deleted meanwhile.
                self.npz.parent.mkdir(parents=True, exist_ok=True)
                npz = final_path(self.npz, self._files, has_ended)
                self._written = self._writer.finish(npz, self.episode())
            except (OSError, AtariError) as error:
                raise self._lost(journal, error) from error
        # A journal left behind next to its recording does no harm: `recover` removes it.
        with suppress(RecordingError):
            self.discard()

    def _lost(self, journal: Journal, error: OSError | AtariError) -> RecordingError:
        """Return the error that says what is lost and what can be recovered."""
        if isinstance(error, OSError):
            error = write_error(self.npz, error)
        folder = quoted(self.npz.parent)
        held = self._journalled if _is_there(journal) else 0
        outcome = f"the {self.steps:,} steps that were played are lost"
        if held and not self.failure:
            outcome = f"then finish what was played with `atari recover {folder}`"
        elif held:
            outcome = f"`atari recover {folder}` brings back {held:,} steps, not all {self.steps:,}"
        return RecordingError(f"{error}; {outcome}")

    def _note(self, write: Callable[[Journal], None]) -> bool:
        """Write to the journal and return whether it is complete, or set `failure` if not."""
        journal = self._journal
        if journal is None or self.failure:
            return False
        try:
            write(journal)
        except OSError as error:
            self.error = error
            self.failure = f"{write_error(journal.path, error)}; {_CONTINUES}"
            return False
        if self.steps % _CHECK_STEPS == 0 and not _is_there(journal):
            self.failure = f"{journal.path} was deleted; {_CONTINUES}"
            return False
        self._journalled = self.steps
        return True


def _open_free(names: Iterator[Path], header: dict[str, Any], config: RecordConfig) -> Journal:
    """Return a journal for the first name that has neither a recording nor a journal."""
    free = (npz for npz in names if not npz.exists() and not journal_path(npz).exists())
    for npz in islice(free, _TRIES):
        with suppress(RecordingExists):
            journal = Journal.create(journal_path(npz), header, config)
            if not npz.exists():
                return journal
            # Another process has just finished a recording of this name.
            journal.remove()
    raise RecordingExists(f"other processes take every name in {config.out}; choose another folder")


def _is_there(journal: Journal) -> bool:
    try:
        return journal.is_there()
    except OSError:
        return False
