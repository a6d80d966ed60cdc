"""Episodes as files: written during play, read, replayed, verified and recovered."""

from atari_cli.recording.add_screens import add_screens, check_add_screens
from atari_cli.recording.episode import episode_bytes, write_episode
from atari_cli.recording.format.naming import check_free, write_error
from atari_cli.recording.format.reader import (
    Recording,
    load_header,
    load_recording,
    read_episode,
)
from atari_cli.recording.format.schema import HUMAN, POLICY, Episode, check_machine
from atari_cli.recording.live_episode import LiveEpisode
from atari_cli.recording.media.sound import SoundFilter, sample_rate
from atari_cli.recording.media.video import VideoWriter, check_format
from atari_cli.recording.recorded_environment import RecordedEnvironment
from atari_cli.recording.recorder import BestOf, Recorder
from atari_cli.recording.recovery import recover
from atari_cli.recording.replay import Replay, check_render_video, render_video, verify
from atari_cli.recording.seekable import SeekableReplay

__all__ = [
    "HUMAN",
    "POLICY",
    "BestOf",
    "Episode",
    "LiveEpisode",
    "RecordedEnvironment",
    "Recorder",
    "Recording",
    "Replay",
    "SeekableReplay",
    "SoundFilter",
    "VideoWriter",
    "add_screens",
    "check_add_screens",
    "check_format",
    "check_free",
    "check_machine",
    "check_render_video",
    "episode_bytes",
    "load_header",
    "load_recording",
    "read_episode",
    "recover",
    "render_video",
    "sample_rate",
    "verify",
    "write_episode",
    "write_error",
]
