"""Episodes as files: written while they are played, read, replayed, verified and recovered."""

from atari_cli.recording.add_screens import check_expand, expand
from atari_cli.recording.format.naming import check_free
from atari_cli.recording.format.reader import Recording, load_recording
from atari_cli.recording.format.schema import Episode
from atari_cli.recording.live_episode import LiveEpisode
from atari_cli.recording.recorder import BestOf, Recorder
from atari_cli.recording.recovery import recover
from atari_cli.recording.replay import Replay, check_render, recorded_input, render, verify

__all__ = [
    "BestOf",
    "Episode",
    "LiveEpisode",
    "Recorder",
    "Recording",
    "Replay",
    "check_expand",
    "check_free",
    "check_render",
    "expand",
    "load_recording",
    "recorded_input",
    "recover",
    "render",
    "verify",
]
