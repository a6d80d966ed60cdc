"""The recorders: sinks that write each episode of a run to files, or only the best one.

Every step goes to a journal first. If a file cannot be finished, it is deleted and the journal
stays, so that `recover` can write the file later.
"""

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


class Recorder(Sink):
    """Writes each episode to an NPZ file and, if the settings say so, a video.

    It must run in the process that plays. An interrupted episode is kept as far as it was played;
    one without steps leaves nothing.

    Args:
        config: The files to write, and where.

    Attributes:
        written: The finished files, in order.
    """

    def __init__(self, config: RecordConfig) -> None:
        self.needs_frames = config.video
        self.written: list[Path] = []
        self._config = config
        self._episode: _OpenEpisode | None = None

    def begin(self, start: EpisodeStart) -> None:
        """Open the files of an episode.

        Raises:
            RecordingExists: If one of them exists and may not be replaced.
            RecordingError: If they cannot be written; here and in the other methods.
        """
        self.close()
        episode = _OpenEpisode(self._config, start)
        with _reported(episode.npz), ExitStack() as undo:
            undo.callback(episode.journal.remove)
            self._writer = EpisodeWriter(episode.npz, episode.header, self._config)
            undo.callback(self._writer.abandon)
            self._writer.start(episode.proof, start.environment.frames)
            undo.pop_all()
        self._episode = episode

    def step(self, action: int, result: StepResult, actor: int = POLICY) -> None:
        """Add a step.

        Args:
            action: The action as an ALE code.
            result: The result of the step.
            actor: `POLICY` or `HUMAN`.
        """
        episode = _begun(self._episode)
        with Uninterrupted():
            try:
                episode.step(action, actor, result)
                frames = episode.environment.frames
                self._writer.step(action, actor, result, episode.proof, frames)
            except (OSError, AtariError) as error:
                self._writer.abandon()
                self._episode = None
                raise episode.failure(error) from error

    def end(self, summary: EpisodeSummary) -> None:
        """Finish the files of the episode; an interrupted one replaces no other file."""
        with Uninterrupted():
            self._finish(_begun(self._episode), _has_ended(summary))

    def close(self) -> None:
        """Finish an episode that is still open, as interrupted: it replaces no other file."""
        if self._episode:
            self._finish(self._episode, has_ended=False)

    def _finish(self, episode: "_OpenEpisode", has_ended: bool) -> None:
        self._episode = None
        try:
            if episode.steps:
                npz = final_path(episode.npz, self._config, has_ended)
                self.written += self._writer.finish(npz)
            episode.journal.remove()
        except (OSError, AtariError) as error:
            raise episode.failure(error) from error
        finally:
            self._writer.abandon()
            episode.journal.close()


class BestOf(Sink):
    """Writes only the best-scoring episode of a run, the first of equals, when it is closed.

    Until then each episode is only a journal, and all but the best are deleted.

    Args:
        config: The files to write of the best episode, and where.

    Attributes:
        written: The files of the best episode, once closed.
    """

    def __init__(self, config: RecordConfig) -> None:
        self.written: list[Path] = []
        self._config = config
        self._episode: _OpenEpisode | None = None
        self._best: _OpenEpisode | None = None

    def begin(self, start: EpisodeStart) -> None:
        """Open the journal of an episode.

        Raises:
            RecordingExists: As `Recorder.begin`.
            RecordingError: As `Recorder.begin`; here and in the other methods.
        """
        self._compare()
        self._episode = _OpenEpisode(self._config, start)

    def step(self, action: int, result: StepResult, actor: int = POLICY) -> None:
        """Add a step, as `Recorder.step` does."""
        episode = _begun(self._episode)
        with Uninterrupted():
            try:
                episode.step(action, actor, result)
            except OSError as error:
                self._episode = None
                raise episode.failure(error) from error

    def end(self, summary: EpisodeSummary) -> None:
        """Keep the episode if it is the best so far."""
        self._compare(_has_ended(summary))

    def close(self) -> None:
        """Write the files of the best episode; an interrupted one only if there is no other."""
        self._compare()
        best, self._best = self._best, None
        if best is None:
            return
        try:
            self.written += rebuild(best.journal.path)
            best.journal.remove()
        except (OSError, AtariError) as error:
            raise best.failure(error) from error
        finally:
            best.journal.close()

    def _compare(self, has_ended: bool = False) -> None:
        """Keep the better of the open episode and the best so far; delete the other's journal."""
        episode, best = self._episode, self._best
        self._episode = None
        if episode is None:
            return
        episode.has_ended = has_ended
        wins = episode.steps > 0 and (best is None or episode.merit > best.merit)
        loser = best if wins else episode
        if wins:
            self._best = episode
        if loser:
            with _reported(loser.journal.path):
                loser.journal.remove()


class _OpenEpisode:
    """An episode in play, and its journal."""

    def __init__(self, config: RecordConfig, start: EpisodeStart) -> None:
        self.environment = start.environment
        self.header = new_header(start)
        self.npz = episode_path(
            config, self.header["game"], start.policy, start.run_seed, start.episode
        )
        check_target(self.npz, config)
        self.steps = 0
        self.score = 0.0
        self.has_ended = False
        self.proof = StepProof(start.environment.emulator)
        self.proof.update()
        with _reported(self.npz):
            self.npz.parent.mkdir(parents=True, exist_ok=True)
            self.journal = Journal.create(journal_path(self.npz), self.header, config)
            try:
                self.journal.append(self.proof)
            except OSError:
                self.journal.remove()
                raise

    @property
    def merit(self) -> tuple[bool, float]:
        """The rank of the episode: any that has ended is better than an interrupted one."""
        return self.has_ended, self.score

    def step(self, action: int, actor: int, result: StepResult) -> None:
        self.proof.update()
        self.journal.append(self.proof, action, actor)
        self.steps += 1
        self.score += result.reward

    def failure(self, error: OSError | AtariError) -> AtariError:
        """Close the journal and return the error that says how to recover."""
        self.journal.close()
        if isinstance(error, OSError):
            error = write_error(self.npz, error)
        folder = self.journal.path.parent
        return RecordingError(f"{error}; then finish what was played with `atari recover {folder}`")


def _has_ended(summary: EpisodeSummary) -> bool:
    return summary.terminated or summary.truncated


def _begun(episode: _OpenEpisode | None) -> _OpenEpisode:
    if episode is None:
        raise RecordingError("no episode has begun: a recorder must run in the process that plays")
    return episode


@contextmanager
def _reported(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise write_error(path, error) from error
