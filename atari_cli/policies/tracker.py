"""The built-in player of Pong and Breakout: reads the ball from RAM and meets it.

RAM addresses are those of AtariARI (Anand et al. 2019, atariari/benchmark/ram_annotations.py) and
OCAtari (Delfosse et al. 2023, ocatari/ram/pong.py and breakout.py), except where a comment says
that they were found by probing. Positions are in the game's own units: one is one pixel.
"""

import math
from collections import deque
from typing import Final, NamedTuple

from atari_cli.errors import InvalidSetting
from atari_cli.model import AtariObservation
from atari_cli.policies.source import Source


def tracker_source(name: str, game: str) -> Source:
    """Return the source of the tracker of a game.

    Args:
        name: The policy as the user spelled it.
        game: ROM id of the game to play.

    Raises:
        InvalidSetting: If the game is neither Pong nor Breakout.
    """
    if game not in _TRACKERS:
        raise InvalidSetting(
            f"the tracker plays {' and '.join(_TRACKERS)}, not {game}; "
            "choose another policy, such as random"
        )
    return Source(name, _TRACKERS[game], deterministic=True)


class Sight(NamedTuple):
    """The positions of ball and paddle in one frame.

    Attributes:
        frame: Number of the frame in the episode.
        x: The ball's x.
        y: The ball's y.
        paddle: The paddle's position, y in Pong and x in Breakout.
    """

    frame: int
    x: int
    y: int
    paddle: int


class Motion(NamedTuple):
    """Speeds of ball and paddle in pixels per frame.

    Attributes:
        x: The ball's speed to the right.
        y: The ball's speed downwards.
        paddle: The paddle's speed.
    """

    x: float
    y: float
    paddle: float


class Sights:
    """The last few sights: enough for the motion over four frames at any frameskip."""

    SPAN: Final = 4

    def __init__(self) -> None:
        self._sights: deque[Sight] = deque()

    def clear(self) -> None:
        """Forget all."""
        self._sights.clear()

    def add(self, sight: Sight) -> Motion | None:
        """Add the newest sight; return the motion up to it, or None for the first sight."""
        sights = self._sights
        if sights and sight.frame <= sights[-1].frame:
            sights.clear()  # another episode
        sights.append(sight)
        while len(sights) > 2 and sight.frame - sights[1].frame >= self.SPAN:
            sights.popleft()
        first = sights[0]
        frames = sight.frame - first.frame
        if not frames:
            return None
        return Motion(
            (sight.x - first.x) / frames,
            (sight.y - first.y) / frames,
            (sight.paddle - first.paddle) / frames,
        )


class PongTracker:
    """Plays the right-hand paddle of Pong."""

    BALL_X: Final = 49
    BALL_Y: Final = 54  # 0 while there is no ball
    PADDLE_Y: Final = 51

    # Probed: the ball turns at these y, and at this x if the paddle is there. It is hit when
    # it is 2 pixels above to 16 below the paddle's position; 7 is the middle.
    TOP, BOTTOM, PADDLE_X, MIDDLE = 45, 206, 188, 7
    LOWEST, HIGHEST = 38, 203
    HOME = 125
    # A ball that is hit with a paddle's end leaves steeply (probed). From these heights the
    # opponent often misses one that is sent to the far wall first.
    EDGE, SEND_DOWN, SEND_UP = 7, (62, 116), (134, 172)

    # The knob turns this far in a frame of LEFT or RIGHT. The paddle halves its way to the knob
    # every second frame; while the knob turns, that keeps it about 1.8 frames' way behind.
    TURN, FOLLOW, LAG = 5.3, 0.29, 1.8
    MOVE = 4  # frames: assumed length of a move

    # One move takes the paddle further than its own length. With time left, moves are tried
    # until one ends close to the target; the last move is the one that is there in time.
    CLOSE, NEAR, LATE_CLOSE = 3, 12, 8
    LATE, LAST = 36, 16  # frames before the hit
    STILL = 0.75  # pixels per frame

    def __init__(self) -> None:
        self.reset(0)

    def reset(self, seed: int) -> None:
        """Forget the last episode; the seed has no effect."""
        self._sights = Sights()
        self._target: float = self.HOME
        self._edge = 0
        self._ball_speed: float | None = None

    def __call__(self, observation: AtariObservation) -> str:
        """Return the name of the action that brings the paddle to the ball."""
        ram = observation.ram
        x, y, paddle = int(ram[self.BALL_X]), int(ram[self.BALL_Y]), int(ram[self.PADDLE_Y])
        if y == 0:
            self._sights.clear()
            return "FIRE"
        motion = self._sights.add(Sight(observation.episode_frame_number, x, y, paddle))
        if motion is None:
            return "NOOP"
        frames = (self.PADDLE_X - x) / motion.x if motion.x > 0 else math.inf
        self._aim(y, motion.y, frames)
        knob = paddle + self.LAG * motion.paddle
        if frames <= self.LAST:
            return self._last_move(paddle, knob, frames)
        return self._move(knob, motion.paddle, frames)

    def _aim(self, y: int, speed: float, frames: float) -> None:
        """Choose the paddle position to reach before the ball arrives in some frames."""
        steady = speed == self._ball_speed  # it is not while the sights span a bounce
        self._ball_speed = speed
        if frames == math.inf:
            self._target, self._edge = self.HOME, 0
        elif steady:
            landing = reflect(y + speed * frames, self.TOP, self.BOTTOM)
            self._target = min(max(landing - self.MIDDLE, self.LOWEST), self.HIGHEST)
            down, up = (low <= landing <= high for low, high in (self.SEND_DOWN, self.SEND_UP))
            self._edge = self.EDGE * (up - down)

    def _move(self, knob: float, paddle_speed: float, frames: float) -> str:
        late = frames < self.LATE
        error = self._target + (0 if late else self._edge) - knob
        settling = abs(error) < self.NEAR and abs(paddle_speed) > self.STILL
        if settling or abs(error) <= (self.LATE_CLOSE if late else self.CLOSE):
            return "NOOP"
        return "LEFT" if error > 0 else "RIGHT"  # LEFT is down

    def _last_move(self, paddle: float, knob: float, frames: float) -> str:
        errors = {
            action: abs(self._target - self._paddle_after(frames, paddle, knob, turn))
            for action, turn in (("NOOP", 0.0), ("LEFT", self.TURN), ("RIGHT", -self.TURN))
        }
        return "NOOP" if errors["NOOP"] <= self.LATE_CLOSE else min(errors, key=errors.__getitem__)

    def _paddle_after(self, frames: float, paddle: float, knob: float, turn: float) -> float:
        """Return the paddle's position after some frames, the first of which turn the knob."""
        for frame in range(round(frames)):
            knob += turn if frame < self.MOVE else 0
            paddle += self.FOLLOW * (knob - paddle)
        return paddle


class BreakoutTracker:
    """Plays Breakout."""

    BALL_X: Final = 99
    BALL_Y: Final = 101  # 0 while there is no ball
    KNOB: Final = 70  # probed: where the knob is; the paddle follows within a few frames

    # Probed: the ball turns at these x and, if the paddle is there, at this y. The paddle comes
    # to rest at KNOB_ZERO - knob within these ends; 9 pixels right of that is its middle.
    LEFT, RIGHT, PADDLE_Y = 57, 199, 188
    KNOB_ZERO, LEFTMOST, RIGHTMOST, MIDDLE = 234, 55, 191, 9
    BRICKS_Y = 110  # a rising ball is assumed to turn about here

    # One step of LEFT or RIGHT turns the knob by about 23 pixels, more than the paddle's 16. Trying
    # until a move ends this close pays off with sticky actions, which vary its length.
    CLOSE = 5

    def __init__(self) -> None:
        self.reset(0)

    def reset(self, seed: int) -> None:
        """Forget the last episode; the seed has no effect."""
        self._sights = Sights()

    def __call__(self, observation: AtariObservation) -> str:
        """Return the name of the action that brings the paddle to the ball."""
        ram = observation.ram
        x, y = int(ram[self.BALL_X]), int(ram[self.BALL_Y])
        if y == 0:
            self._sights.clear()
            return "FIRE"
        rest = min(max(self.KNOB_ZERO - int(ram[self.KNOB]), self.LEFTMOST), self.RIGHTMOST)
        motion = self._sights.add(Sight(observation.episode_frame_number, x, y, rest))
        if motion is None:
            return "NOOP"
        error = self._landing(x, y, motion) - (rest + self.MIDDLE)
        if abs(error) <= self.CLOSE:
            return "NOOP"
        return "RIGHT" if error > 0 else "LEFT"

    def _landing(self, x: int, y: int, motion: Motion) -> float:
        """Return the x at which the ball comes down to the paddle."""
        if motion.y == 0:
            return x
        way = self.PADDLE_Y - y
        if motion.y < 0:
            way = (self.PADDLE_Y - self.BRICKS_Y) + (y - self.BRICKS_Y)
        return reflect(x + motion.x * way / abs(motion.y), self.LEFT, self.RIGHT)


_TRACKERS: Final[dict[str, type[PongTracker] | type[BreakoutTracker]]] = {
    "pong": PongTracker,
    "breakout": BreakoutTracker,
}


def reflect(position: float, low: float, high: float) -> float:
    """Return where something that would be at `position` is, if it turns round at two walls.

    Args:
        position: Where it would be without walls.
        low: The position of one wall.
        high: The position of the other.
    """
    way = (position - low) % (2 * (high - low))
    return low + min(way, 2 * (high - low) - way)
