"""Episodes as files: written while they are played, read, replayed, verified and recovered."""

from atari_cli.recording.add_screens import add_screens, check_add_screens
from atari_cli.recording.format.naming import check_free
from atari_cli.recording.format.reader import Recording, load_recording
from atari_cli.recording.format.schema import Episode
from atari_cli.recording.live_episode import LiveEpisode
from atari_cli.recording.recorded_environment import RecordedEnvironment
from atari_cli.recording.recorder import BestOf, Recorder
from atari_cli.recording.recovery import recover
from atari_cli.recording.replay import (
    Replay,
    check_render_video,
    recorded_input,
    render_video,
    verify,
)

__all__ = [
    "BestOf",
    "Episode",
    "LiveEpisode",
    "RecordedEnvironment",
    "Recorder",
    "Recording",
    "Replay",
    "add_screens",
    "check_add_screens",
    "check_free",
    "check_render_video",
    "load_recording",
    "recorded_input",
    "recover",
    "render_video",
    "verify",
]
