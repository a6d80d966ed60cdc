"""The exports of `atari_cli` and the modules from which they are loaded on first use."""

from .api.doctor import doctor as doctor
from .api.play import (
    play_game as play_game,
    watch_recording as watch_recording,
)
from .api.policies import find_policy as find_policy
from .api.record import record as record
from .api.scores import scores as scores
from .client import (
    AtariEnv as AtariEnv,
    SyncAtariEnv as SyncAtariEnv,
)
from .config import (
    EnvironmentConfig as EnvironmentConfig,
    PlayConfig as PlayConfig,
    RecordConfig as RecordConfig,
    RolloutConfig as RolloutConfig,
    ServeConfig as ServeConfig,
)
from .emulator import RewindingEmulator as RewindingEmulator
from .environment import AtariEnvironment as AtariEnvironment
from .errors import (
    AtariError as AtariError,
    CapacityReached as CapacityReached,
    ClientMisused as ClientMisused,
    ConnectionLost as ConnectionLost,
    ContainerFailed as ContainerFailed,
    EmulatorError as EmulatorError,
    InvalidAction as InvalidAction,
    InvalidRecording as InvalidRecording,
    InvalidReply as InvalidReply,
    InvalidSetting as InvalidSetting,
    InvalidState as InvalidState,
    MissingDependency as MissingDependency,
    NoDisplay as NoDisplay,
    OutputError as OutputError,
    PolicyFailed as PolicyFailed,
    RecordingError as RecordingError,
    RecordingExists as RecordingExists,
    ReplayMismatch as ReplayMismatch,
    ReplyTimeout as ReplyTimeout,
    ResetNeeded as ResetNeeded,
    ScriptError as ScriptError,
    ServerError as ServerError,
    SessionBusy as SessionBusy,
    TerminalError as TerminalError,
    UnknownGame as UnknownGame,
    UnknownPolicy as UnknownPolicy,
    UnknownSession as UnknownSession,
    WorkerLost as WorkerLost,
)
from .games import (
    Game as Game,
    all_games as all_games,
    find_game as find_game,
    search_games as search_games,
)
from .model import (
    AtariAction as AtariAction,
    AtariObservation as AtariObservation,
    AtariState as AtariState,
    EpisodeSummary as EpisodeSummary,
    Policy as Policy,
    PolicySource as PolicySource,
    StepResult as StepResult,
)
from .recording import (
    BestOf as BestOf,
    RecordedEnvironment as RecordedEnvironment,
    Recorder as Recorder,
    Recording as Recording,
    Replay as Replay,
    add_screens as add_screens,
    load_recording as load_recording,
    recover as recover,
    render_video as render_video,
    verify as verify,
)
from .rollout import (
    Collect as Collect,
    RayBackend as RayBackend,
    Results as Results,
    RunCounts as RunCounts,
    Summary as Summary,
    run_episodes as run_episodes,
    summarise as summarise,
)
from .server import (
    Server as Server,
    serve as serve,
)
from .server.mcp.stdio import serve_mcp as serve_mcp
from .sink import (
    EpisodeStart as EpisodeStart,
    Sink as Sink,
)
from .version import __version__ as __version__
