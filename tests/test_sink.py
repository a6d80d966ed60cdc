"""A sink that listens to nothing is one that does nothing."""

from atari_cli.environment import AtariEnvironment
from atari_cli.sink import EpisodeStart, Sink


def test_a_plain_sink_takes_everything_and_does_nothing() -> None:
    sink = Sink()
    with AtariEnvironment("pong", max_frames=8) as environment:
        start = EpisodeStart(0, 0, "noop", environment, environment.reset(seed=0))
        sink.begin(start)
        sink.step(0, environment.step(0))
        sink.advance(1)
        sink.end(environment.summary())
        sink.close()
        assert environment.state.step_count == 1
    assert not sink.needs_frames
