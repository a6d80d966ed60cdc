"""The recorders: sinks that write each episode of a run to files, or only the best one.

Every step goes to a journal first. If a file cannot be finished, it is deleted and the journal
stays, so that `recover` can write the file later.
"""

from abc import abstractmethod
from collections.abc import Callable
from pathlib import Path

from atari_cli.config import RecordConfig
from atari_cli.errors import AtariError, RecordingError
from atari_cli.model import EpisodeSummary, StepResult
from atari_cli.recording.format.naming import (
    check_target,
    episode_path,
    journal_path,
    write_error,
)
from atari_cli.recording.format.schema import POLICY
from atari_cli.recording.live_episode import LiveEpisode
from atari_cli.recording.recovery import rebuild
from atari_cli.sink import EpisodeStart, Sink
from atari_cli.system.shell import quoted
from atari_cli.system.signals import Uninterrupted
from atari_cli.validation import check_type


class _JournalledRun(Sink):
    """Keeps each episode of a run in a journal; `_finish` decides what becomes of it."""

    _has_pictures: bool
    """Whether the screens and the video of each episode are written while it is played."""

    def __init__(
        self, config: RecordConfig, warn: Callable[[str], object] = lambda warning: None
    ) -> None:
        check_type("config", config, RecordConfig)
        self.written: list[Path] = []
        self._warn = warn
        self._warned = False
        self.needs_sound = config.video and config.format != "gif"
        self._config = config
        self._live: LiveEpisode | None = None

    def begin(self, start: EpisodeStart) -> None:
        """Begin an episode; finish the last one first if it is still open.

        Raises:
            RecordingExists: If one of its files exists and may not be replaced.
            RecordingError: If they cannot be written; here and in the other methods.
        """
        self._finish_open()
        game = start.environment.game.id
        npz = episode_path(self._config, game, start.policy, start.run_seed, start.episode)
        check_target(npz, self._config)
        self._live = LiveEpisode(start, self._config, npz=npz, has_pictures=self._has_pictures)
        if self._live.warning and not self._warned:
            self._warned = True
            self._warn(self._live.warning)

    def step(self, action: int, result: StepResult, actor: int = POLICY) -> None:
        """Add a step.

        Args:
            action: The action as an ALE code.
            result: The result of the step.
            actor: `POLICY` or `HUMAN`.

        Raises:
            RecordingError: If the files cannot be written, or no episode has begun.
        """
        live = self._begun()
        with Uninterrupted():
            try:
                live.step(action, actor, result)
                if live.error:
                    raise live.error
            except (OSError, AtariError) as error:
                self._live = None
                raise _left(live, error) from error

    def end(self, summary: EpisodeSummary) -> None:
        """Finish the episode; an interrupted one replaces no other file."""
        with Uninterrupted():
            self._finish(self._begun(), summary.terminated or summary.truncated)

    def close(self) -> None:
        """Finish an episode that is still open, as interrupted: it replaces no other file."""
        self._finish_open()

    def _finish_open(self) -> None:
        if self._live:
            self._finish(self._live, has_ended=False)

    def _begun(self) -> LiveEpisode:
        if self._live is None:
            raise RecordingError(
                "no episode has begun: a recorder must run in the process that plays"
            )
        return self._live

    @abstractmethod
    def _finish(self, live: LiveEpisode, has_ended: bool) -> None: ...


class Recorder(_JournalledRun):
    """Writes each episode to an NPZ file and, if the settings say so, a video.

    It must run in the process that plays. An interrupted episode is kept as far as it was played;
    one without steps leaves nothing.

    Args:
        config: The files to write, and where.
        warn: Called once with a line for the user if the files cannot be locked.

    Attributes:
        written: The finished files, in order.
    """

    _has_pictures = True

    def __init__(
        self, config: RecordConfig, warn: Callable[[str], object] = lambda warning: None
    ) -> None:
        super().__init__(config, warn)
        self.needs_frames = config.video

    def _finish(self, live: LiveEpisode, has_ended: bool) -> None:
        self._live = None
        try:
            self.written += live.finish(has_ended)
        except RecordingError:
            live.leave()
            raise


class BestOf(_JournalledRun):
    """Writes only the best-scoring episode of a run, the first of equals, when it is closed.

    Until then each episode is only a journal, and all but the best are deleted.

    Args:
        config: The files to write of the best episode, and where.
        warn: Called once with a line for the user if the files cannot be locked.

    Attributes:
        written: The files of the best episode, once closed.
    """

    _has_pictures = False

    def __init__(
        self, config: RecordConfig, warn: Callable[[str], object] = lambda warning: None
    ) -> None:
        super().__init__(config, warn)
        self._best: LiveEpisode | None = None
        self._merit = (False, 0.0)

    def close(self) -> None:
        """Write the files of the best episode; an interrupted one only if there is no other."""
        self._finish_open()
        best, self._best = self._best, None
        if best is None:
            return
        try:
            rebuilt = rebuild(journal_path(best.npz))
            self.written += rebuilt.files
            best.discard()
        except (OSError, AtariError) as error:
            raise _left(best, error) from error
        if rebuilt.failures:
            raise RecordingError("; ".join(rebuilt.failures))

    def _finish(self, live: LiveEpisode, has_ended: bool) -> None:
        """Keep the better of the episode and the best so far; delete the other's journal."""
        self._live = None
        # Any episode that has ended is better than an interrupted one.
        merit = has_ended, live.arrays.progress(live.steps).score
        loser: LiveEpisode | None = live
        if live.steps and (self._best is None or merit > self._merit):
            self._best, loser, self._merit = live, self._best, merit
        if loser:
            loser.discard()


def _left(live: LiveEpisode, error: OSError | AtariError) -> RecordingError:
    """Leave an episode to `recover`, and return the error that says so."""
    live.leave()
    if isinstance(error, OSError):
        error = write_error(live.npz, error)
    folder = quoted(live.npz.parent)
    return RecordingError(f"{error}; then finish what was played with `atari recover {folder}`")
