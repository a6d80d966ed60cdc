"""`record`: play episodes with a policy and write them to files."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Final

from atari_cli.api.policies import as_source
from atari_cli.config import EnvironmentConfig, RecordConfig, RolloutConfig
from atari_cli.errors import InvalidSetting, RecordingError
from atari_cli.model import Policy, PolicySource
from atari_cli.recording import BestOf, Recorder, check_format, check_free
from atari_cli.rollout import run_episodes
from atari_cli.sink import Sink
from atari_cli.validation import check_type

_ONE_EPISODE: Final = RolloutConfig(episodes=1)
_FILES: Final = RecordConfig()


def record(
    environment: EnvironmentConfig | str,
    policy: PolicySource | Policy | str = "random",
    rollout: RolloutConfig = _ONE_EPISODE,
    files: RecordConfig = _FILES,
    *,
    best_only: bool = False,
    sinks: Iterable[Sink] = (),
    wrote: Callable[[Path], object] = lambda path: None,
    warn: Callable[[str], object] = lambda warning: None,
) -> list[Path]:
    """Play episodes with a policy and write each of them, or only the best, to files.

    An episode is played by the same rules as by `run_episodes`, so that episode k is the same in
    both. It is also in a journal while it is played; `recover` finishes what a killed process
    left. Ctrl-C and a policy that fails end the run; what was played until then is written.

    Args:
        environment: The settings, or a game's name. A video with sound does not need `sound`, with
            which the policy hears it, too.
        policy: A function of the observation, a class of such objects, a source, or a spelling
            of `find_policy`.
        rollout: Which episodes to play, with which seed; it takes one worker.
        files: The kinds of files to write of each episode, and their folder.
        best_only: Write only the episode with the highest return, the first of equals.
        sinks: Further listeners, such as a progress bar or `Collect`.
        wrote: Called with each file written, also if the run ends by an error.
        warn: Called with a line for the user if the files cannot be locked.

    Returns:
        The files: `<out>/<game>-<policy>-s<seed>-<episode>.npz` and the videos next to them.

    Raises:
        RecordingExists: If a file already exists and `files.overwrite` is not set; nothing is
            played then.
        RecordingError: If a file cannot be written, or no episode had a step.
        MissingDependency: If ffmpeg is missing, or does not write the format; nothing is played
            then.
        PolicyFailed: If the policy raises or returns an action that is not in the action set.
        InvalidSetting: If a setting is wrong.
    """
    environment = EnvironmentConfig.of(environment)
    check_type("files", files, RecordConfig)
    check_type("rollout", rollout, RolloutConfig)
    source = as_source(policy, environment)
    # A policy may change the working directory.
    given, files = Path(files.out), replace(files, out=Path(files.out).absolute())
    if rollout.episodes is None:
        raise InvalidSetting("record takes a number of episodes, not of steps")
    check_free(files, environment.game, source.name, rollout.seed, rollout.indices)
    if files.video:
        check_format(files.format)
    recorder = BestOf(files, warn) if best_only else Recorder(files, warn)
    try:
        run_episodes(environment, source, rollout, [recorder, *sinks])
    finally:
        written = [given / path.name for path in recorder.written]
        for path in written:
            wrote(path)
    if not written:
        raise RecordingError("nothing was recorded: no episode reached its first step")
    return written
