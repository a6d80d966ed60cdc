"""A sink overrides only the methods that it needs and ignores other notifications."""

from atari_cli.config import EnvironmentConfig, RolloutConfig
from atari_cli.environment import AtariEnvironment
from atari_cli.model import AtariObservation, EpisodeSummary
from atari_cli.rollout import run_episodes
from atari_cli.sink import EpisodeStart, Sink


class Scores(Sink):
    """Listens only to the end of each episode."""

    def __init__(self) -> None:
        self.summaries: list[EpisodeSummary] = []

    def end(self, summary: EpisodeSummary) -> None:
        self.summaries.append(summary)


class Environments(Sink):
    """Listens only to the start and end of each episode."""

    def __init__(self, needs_frames: bool) -> None:
        self.needs_frames = needs_frames
        self.frames: list[int] = []
        self.environments: list[AtariEnvironment] = []

    def begin(self, start: EpisodeStart) -> None:
        self.environments.append(start.environment)

    def end(self, summary: EpisodeSummary) -> None:
        self.frames.append(len(self.environments[-1].frames))


def fire(observation: AtariObservation) -> str:
    return "FIRE"


def run(*sinks: Sink) -> list[EpisodeSummary]:
    config = EnvironmentConfig("breakout", max_frames=24)
    return run_episodes(config, fire, RolloutConfig(episodes=2), sinks=sinks)


def test_a_sink_can_listen_to_a_single_notification() -> None:
    scores = Scores()
    assert run(scores) == scores.summaries
    assert [summary.frames for summary in scores.summaries] == [24, 24]


def test_frames_are_kept_only_if_a_sink_needs_them() -> None:
    with_frames, without = Environments(needs_frames=True), Environments(needs_frames=False)
    run(with_frames)
    run(without)
    assert (with_frames.frames, without.frames) == ([4, 4], [0, 0])
