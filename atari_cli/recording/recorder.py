"""The recorders: sinks that write each episode of a run to files, or only the best one.

Every step goes to a journal first. If a file cannot be finished, it is deleted and the journal
stays, so that `recover` can write the file later.
"""

from abc import abstractmethod
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from atari_cli.config import RecordConfig
from atari_cli.errors import AtariError, RecordingError
from atari_cli.model import EpisodeSummary, StepResult
from atari_cli.recording.episode import EpisodeWriter
from atari_cli.recording.format.naming import (
    check_target,
    episode_path,
    final_path,
    journal_path,
    write_error,
)
from atari_cli.recording.format.schema import POLICY, new_header
from atari_cli.recording.journal import Journal
from atari_cli.recording.recovery import rebuild
from atari_cli.recording.step_proof import StepProof
from atari_cli.sink import EpisodeStart, Sink
from atari_cli.system.signals import Uninterrupted


class _JournalledRun(Sink):
    """Keeps each episode of a run in a journal; `_finish` decides what becomes of it."""

    _writes_each: bool
    """Whether the files of each episode are written while it is played."""

    def __init__(self, config: RecordConfig) -> None:
        self.written: list[Path] = []
        self._config = config
        self._episode: _OpenEpisode | None = None

    def begin(self, start: EpisodeStart) -> None:
        """Begin an episode; finish the last one first if it is still open.

        Raises:
            RecordingExists: If one of its files exists and may not be replaced.
            RecordingError: If they cannot be written; here and in the other methods.
        """
        self._finish_open()
        self._episode = _OpenEpisode(self._config, start, self._writes_each)

    def step(self, action: int, result: StepResult, actor: int = POLICY) -> None:
        """Add a step.

        Args:
            action: The action as an ALE code.
            result: The result of the step.
            actor: `POLICY` or `HUMAN`.

        Raises:
            RecordingError: If the files cannot be written, or no episode has begun.
        """
        episode = self._begun()
        with Uninterrupted():
            try:
                episode.step(action, actor, result)
            except (OSError, AtariError) as error:
                self._episode = None
                raise episode.failure(error) from error

    def end(self, summary: EpisodeSummary) -> None:
        """Finish the episode; an interrupted one replaces no other file."""
        with Uninterrupted():
            self._finish(self._begun(), summary.terminated or summary.truncated)

    def close(self) -> None:
        """Finish an episode that is still open, as interrupted: it replaces no other file."""
        self._finish_open()

    def _finish_open(self) -> None:
        if self._episode:
            self._finish(self._episode, has_ended=False)

    def _begun(self) -> "_OpenEpisode":
        if self._episode is None:
            raise RecordingError(
                "no episode has begun: a recorder must run in the process that plays"
            )
        return self._episode

    @abstractmethod
    def _finish(self, episode: "_OpenEpisode", has_ended: bool) -> None: ...


class Recorder(_JournalledRun):
    """Writes each episode to an NPZ file and, if the settings say so, a video.

    It must run in the process that plays. An interrupted episode is kept as far as it was played;
    one without steps leaves nothing.

    Args:
        config: The files to write, and where.

    Attributes:
        written: The finished files, in order.
    """

    _writes_each = True

    def __init__(self, config: RecordConfig) -> None:
        super().__init__(config)
        self.needs_frames = config.video

    def _finish(self, episode: "_OpenEpisode", has_ended: bool) -> None:
        self._episode = None
        try:
            if episode.writer and episode.steps:
                npz = final_path(episode.npz, self._config, has_ended)
                self.written += episode.writer.finish(npz)
            episode.journal.remove()
        except (OSError, AtariError) as error:
            raise episode.failure(error) from error
        finally:
            episode.abandon()


class BestOf(_JournalledRun):
    """Writes only the best-scoring episode of a run, the first of equals, when it is closed.

    Until then each episode is only a journal, and all but the best are deleted.

    Args:
        config: The files to write of the best episode, and where.

    Attributes:
        written: The files of the best episode, once closed.
    """

    _writes_each = False

    def __init__(self, config: RecordConfig) -> None:
        super().__init__(config)
        self._best: _OpenEpisode | None = None

    def close(self) -> None:
        """Write the files of the best episode; an interrupted one only if there is no other."""
        self._finish_open()
        best, self._best = self._best, None
        if best is None:
            return
        try:
            self.written += rebuild(best.journal.path)
            best.journal.remove()
        except (OSError, AtariError) as error:
            raise best.failure(error) from error
        finally:
            best.abandon()

    def _finish(self, episode: "_OpenEpisode", has_ended: bool) -> None:
        """Keep the better of the episode and the best so far; delete the other's journal."""
        self._episode = None
        episode.has_ended = has_ended
        best = self._best
        loser: _OpenEpisode | None = episode
        if episode.steps and (best is None or episode.merit > best.merit):
            self._best, loser = episode, best
        if loser:
            with _reported(loser.journal.path):
                loser.journal.remove()


class _OpenEpisode:
    """An episode in play: its journal and, for a `Recorder`, the writer of its files."""

    def __init__(self, config: RecordConfig, start: EpisodeStart, has_writer: bool) -> None:
        self.writer: EpisodeWriter | None = None
        self._environment = start.environment
        header = new_header(start)
        self.npz = episode_path(config, header["game"], start.policy, start.run_seed, start.episode)
        check_target(self.npz, config)
        self.steps = 0
        self.score = 0.0
        self.has_ended = False
        self._proof = StepProof(start.environment.emulator)
        self._proof.update()
        with _reported(self.npz), ExitStack() as undo:
            self.npz.parent.mkdir(parents=True, exist_ok=True)
            self.journal = Journal.create(journal_path(self.npz), header, config)
            undo.callback(self.journal.remove)
            self.journal.append(self._proof)
            if has_writer:
                self.writer = EpisodeWriter(self.npz, header, config)
                undo.callback(self.writer.abandon)
                self.writer.start(self._proof, self._environment.frames)
            undo.pop_all()

    @property
    def merit(self) -> tuple[bool, float]:
        """The rank of the episode: any that has ended is better than an interrupted one."""
        return self.has_ended, self.score

    def step(self, action: int, actor: int, result: StepResult) -> None:
        self._proof.update()
        self.journal.append(self._proof, action, actor)
        if self.writer:
            self.writer.step(action, actor, result, self._proof, self._environment.frames)
        self.steps += 1
        self.score += result.reward

    def abandon(self) -> None:
        """Delete unfinished files and close the journal, which stays unless it was removed."""
        if self.writer:
            self.writer.abandon()
        self.journal.close()

    def failure(self, error: OSError | AtariError) -> AtariError:
        """Abandon the episode and return the error that says how to recover."""
        self.abandon()
        if isinstance(error, OSError):
            error = write_error(self.npz, error)
        folder = self.journal.path.parent
        return RecordingError(f"{error}; then finish what was played with `atari recover {folder}`")


@contextmanager
def _reported(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise write_error(path, error) from error
