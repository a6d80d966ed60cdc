"""The rules of an episode around the emulator: seeds, sticky actions, frame skip, ends, states."""

import uuid
import weakref
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from functools import partial
from typing import Any, Self

from atari_cli.actions import NOOP, action_index
from atari_cli.config import EnvironmentConfig
from atari_cli.emulator import Emulator, RewindingEmulator
from atari_cli.errors import EmulatorError, InvalidAction, InvalidSetting, InvalidState, ResetNeeded
from atari_cli.games import find_game
from atari_cli.model import AtariAction, AtariState, EpisodeSummary, Progress, StepResult
from atari_cli.observation import Observer, PlayedFrame, played_frame
from atari_cli.saved_state import pack_environment, unpack_environment
from atari_cli.seeding import NOOPS, SeedSource, StickyActions, Stream
from atari_cli.validation import check_seed, check_type, flag


class AtariEnvironment:
    """An Atari game as a sequence of episodes, each a pure function of settings, seed and actions.

    A copy, also one that was pickled, continues from the same point by itself.

    Args:
        config: The settings, or a game's name.
        keep_frames: Keep every frame of the last reset or step in `frames`.
        make_emulator: Makes the console when the game, mode, difficulty or sound changes.
        is_audible: Whether observations have the sound that the setting `sound` keeps; without,
            only `frames` have it.
        settings: Settings by name; they override those of `config`.

    Attributes:
        config: The settings in force.
        game: The game being played.
        action_codes: The action set as ALE codes; an action is an index into it.
        frames: With `keep_frames`, the frames of the last reset (boot and no-ops) or step.
        last_action: ALE code of the last step's action; NOOP after a reset.

    Raises:
        InvalidSetting: If a setting is outside its range.
        UnknownGame: If there is no such game.
    """

    def __init__(
        self,
        config: EnvironmentConfig | str | None = None,
        *,
        keep_frames: bool = False,
        make_emulator: Callable[..., Emulator] = Emulator,
        is_audible: bool = True,
        **settings: Any,
    ) -> None:
        if isinstance(config, str):
            settings, config = {"game": config, **settings}, None
        config = EnvironmentConfig() if config is None else EnvironmentConfig.of(config)
        if not callable(make_emulator):
            raise InvalidSetting(f"make_emulator must be callable, got {make_emulator!r}")
        self.keep_frames = flag("keep_frames", keep_frames)
        self.frames: list[PlayedFrame] = []
        self.last_action = NOOP
        self._make_emulator = make_emulator
        self._emulator: Emulator | None = None
        self._cartridge: tuple[object, ...] = ()
        self._is_audible = flag("is_audible", is_audible)
        self._observer = Observer(is_audible)
        # The last observation remains when nobody has the environment any more.
        weakref.finalize(self, self._observer.keep).atexit = False
        self._configure(config, settings)
        self._seeds = SeedSource()
        self._seed = 0
        self._episode_id: str | None = None
        self._sticky: StickyActions | None = None
        self._outcome: tuple[float, bool, bool] | None = None  # of the last reset or step
        self._steps = 0
        self._score = 0.0

    def __reduce__(self) -> tuple[Any, ...]:
        make = partial(
            AtariEnvironment,
            self.config,
            keep_frames=self.keep_frames,
            make_emulator=self._make_emulator,
            is_audible=self._is_audible,
        )
        saved = None if self._outcome is None else self.save()
        return _continued, (make, saved, self._seeds, self.frames)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """Release the emulator; a later `reset` makes a new one. Calling it again does nothing."""
        self.keep_observation()
        self._emulator = None
        self._outcome = None
        self.frames = []

    @property
    def emulator(self) -> Emulator:
        """The console, for reading.

        Raises:
            ResetNeeded: If the environment is closed.
        """
        if self._emulator is None:
            raise ResetNeeded("the environment is closed; call reset() to open it again")
        return self._emulator

    @property
    def state(self) -> AtariState:
        """The episode and the settings in force."""
        seed = None if self._episode_id is None else self._seed
        return _state(self.config, self._episode_id, self._steps, seed)

    def summary(self, episode: int = 0) -> EpisodeSummary:
        """Return a summary of the episode so far.

        Args:
            episode: The index of the episode in its run.

        Raises:
            ResetNeeded: Before the first reset.
        """
        _, terminated, truncated = self._last_outcome()
        return EpisodeSummary(
            episode=episode,
            seed=self._seed,
            score=self._score,
            steps=self._steps,
            frames=self.emulator.frames,
            terminated=terminated,
            truncated=truncated,
        )

    def reset(
        self, seed: int | None = None, episode_id: str | None = None, **settings: Any
    ) -> StepResult:
        """Start a clean episode, which does not depend on earlier ones.

        Args:
            seed: The episode's seed. If None, the next of this environment's sequence, which
                starts from the last seed given, else from the operating system's entropy.
            episode_id: Name of the episode; a new one is made if None.
            settings: Settings by name; they apply to later resets, too.

        Returns:
            The first observation, with reward 0: rewards of the no-ops are not counted.

        Raises:
            InvalidSetting: If the seed or a setting is outside its range; then nothing changes.
        """
        seed = None if seed is None else check_seed("seed", seed)
        if episode_id is not None:
            check_type("episode_id", episode_id, str)
        self._configure(self.config, settings)
        self.keep_observation()
        self._seed = self._seeds.next(seed)
        self._episode_id = episode_id or str(uuid.uuid4())
        self._sticky = self._sticky_actions(drawn=0)
        self._steps = 0
        self._score = 0.0
        self.last_action = NOOP
        self.emulator.boot(self._seed)
        self.frames = [played_frame(self.emulator)] if self.keep_frames else []
        if self.config.noop_max:
            noops = 1 + Stream(self._seed, NOOPS).below(self.config.noop_max)
            self._play(noops, NOOP, 1.0)
        return self._conclude(0.0)

    def step(self, action: AtariAction | int | str, strength: float = 1.0) -> StepResult:
        """Play an action for `frameskip` frames, or fewer if the episode ends.

        Args:
            action: An index into the action set, an action's name, or an AtariAction.
            strength: Speed of a paddle; 1.0 is the joystick's. Other values require
                `repeat_action_probability` 0.

        Returns:
            The observation, the reward and whether the episode has ended.

        Raises:
            InvalidAction: If the action is not in the action set, or the strength is not allowed.
            ResetNeeded: Before the first reset and after the episode's end.
        """
        # Everything here costs time on each step of a rollout.
        _, terminated, truncated = self._outcome or self._last_outcome()
        if terminated or truncated:
            raise ResetNeeded("the episode has ended; call reset() to start the next")
        if strength != 1.0 and self._sticky:
            raise InvalidAction("a paddle strength other than 1 needs repeat_action_probability 0")
        codes = self.action_codes
        if type(action) is not int or not 0 <= action < len(codes):
            index = action.action_id if isinstance(action, AtariAction) else action
            action = action_index(index, codes)
        code = codes[action]
        self.keep_observation()
        self.frames = []
        reward = float(self._play(self.config.frameskip, code, strength))
        self.last_action = code
        self._steps += 1
        self._score += reward
        return self._conclude(reward)

    def go_back(self, to: Progress) -> StepResult:
        """Go back to an earlier point of this episode and forget the rest.

        Args:
            to: The earlier point.

        Returns:
            The result of the last step at that point.

        Raises:
            EmulatorError: If the emulator cannot rewind, or the point is not an earlier one.
            ResetNeeded: Before the first reset.
        """
        self._last_outcome()
        emulator = self.emulator
        if not isinstance(emulator, RewindingEmulator):
            raise EmulatorError("going back needs make_emulator=RewindingEmulator")
        self.keep_observation()
        emulator.rewind(to.frames)
        self._sticky = self._sticky_actions(drawn=to.frames)
        self._steps, self._score, self.last_action = to.steps, to.score, to.last_action
        self.frames = [played_frame(emulator)] if self.keep_frames else []
        return self._conclude(to.reward)

    def keep_observation(self) -> None:
        """Let the last observation, if it is still referred to, copy its arrays."""
        if self._observer.last():
            self._observer.keep()

    def save(self) -> bytes:
        """Return the whole state, from which `restore` continues exactly, in any process."""
        header = {
            "config": asdict(self.config),
            "seeds": [self._seeds.root, self._seeds.used],
            "seed": self._seed,
            "episode_id": self._episode_id,
            "sticky_drawn": self._sticky.drawn if self._sticky else 0,
            "steps": self._steps,
            "score": self._score,
            "last_action": self.last_action,
            "outcome": self._last_outcome(),
        }
        return pack_environment(header, self.emulator.save())

    def restore(self, saved: bytes) -> StepResult:
        """Go back to a state that `save` returned, and return its last result.

        Raises:
            InvalidState: If the bytes are not such a state; then nothing changes.
        """
        header, config, emulator_state = unpack_environment(saved)
        try:
            self._configure(config, {}, emulator_state)
        except InvalidSetting as error:
            raise InvalidState(f"the saved state is inconsistent: {error}") from error
        self._seeds = SeedSource(*header["seeds"])
        self._seed, self._episode_id = header["seed"], header["episode_id"]
        self._sticky = self._sticky_actions(header["sticky_drawn"])
        self._steps, self._score = header["steps"], header["score"]
        self.last_action = header["last_action"]
        self.frames = [played_frame(self.emulator)] if self.keep_frames else []
        reward, _, _ = header["outcome"]
        return self._conclude(reward)

    def _configure(
        self, config: EnvironmentConfig, settings: Mapping[str, Any], state: bytes | None = None
    ) -> None:
        """Apply new settings and an emulator that fits them (in `state`), or change nothing."""
        if "game" in settings:
            settings = {**settings, "game": find_game(settings["game"]).id}
        # The id first: with another spelling of it, a setting of the game would seem to change it.
        config = replace(config, game=find_game(config.game).id).with_settings(settings)
        game = find_game(config.game)
        emulator = self._emulator
        cartridge = (game.id, config.mode, config.difficulty, config.sound)
        if emulator is None or cartridge != self._cartridge:
            self.keep_observation()
            emulator = self._make_emulator(game, config.mode, config.difficulty, config.sound)
        if state is not None:
            self.keep_observation()
            emulator.restore(state)
        self._emulator, self._cartridge = emulator, cartridge
        self.config, self.game = config, game
        self.action_codes = game.action_set(config.full_action_space)
        self._observer.configure(game, config.obs_type, self.action_codes)

    def _last_outcome(self) -> tuple[float, bool, bool]:
        if self._outcome is None:
            raise ResetNeeded("call reset() first")
        return self._outcome

    def _sticky_actions(self, drawn: int) -> StickyActions | None:
        probability = self.config.repeat_action_probability
        return StickyActions(self._seed, probability, drawn) if probability > 0.0 else None

    def _play(self, frames: int, code: int, strength: float) -> int:
        """Emulate up to `frames` frames of an action, stickily, and return their reward."""
        emulator, max_frames = self._emulator or self.emulator, self.config.max_frames
        if max_frames and frames > max_frames - emulator.episode_frame_number:
            frames = max_frames - emulator.episode_frame_number
        sticky = self._sticky
        if not sticky and not self.keep_frames:
            return emulator.act(code, strength, frames)
        reward, (before, _) = 0, emulator.inputs
        for _ in range(frames):
            reward += emulator.act(sticky.executed(code, before) if sticky else code, strength)
            if self.keep_frames:
                self.frames.append(played_frame(emulator))
            if emulator.game_over:
                break
        return reward

    def _conclude(self, reward: float) -> StepResult:
        """Return the result of the reset or step whose frames were just played."""
        emulator = self._emulator or self.emulator
        observation = self._observer.observe(emulator)
        truncated = 0 < self.config.max_frames <= emulator.episode_frame_number
        terminated = emulator.game_over
        self._outcome = (reward, terminated, truncated)
        return StepResult(observation, reward, terminated, truncated)


def _continued(
    make: Callable[[], AtariEnvironment],
    saved: bytes | None,
    seeds: SeedSource,
    frames: list[PlayedFrame],
) -> AtariEnvironment:
    """Return a copy of an environment, which was saved unless it had no episode."""
    environment = make()
    environment._seeds = seeds
    if saved is not None:
        environment.restore(saved)
    environment.frames = frames
    return environment


def initial_state(config: EnvironmentConfig) -> AtariState:
    """Return the state of an environment with these settings before its first reset."""
    return _state(config, None, 0, None)


def _state(
    config: EnvironmentConfig, episode_id: str | None, steps: int, seed: int | None
) -> AtariState:
    settings = dict(vars(config))
    game, _ = settings.pop("game"), settings.pop("sound")
    return AtariState(episode_id, steps, game_name=game, seed=seed, **settings)
