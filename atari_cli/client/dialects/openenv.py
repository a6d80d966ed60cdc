"""Plain OpenEnv: JSON both ways, exactly as its official client sends it."""

from collections.abc import Sequence
from typing import Any, Final

from atari_cli.client.dialects.dialect import Exchange, RawMessage, chosen_index, read_state
from atari_cli.client.failures import refusal
from atari_cli.client.received import ReceivedEpisode, ReceivedFrame, ReceivedResult
from atari_cli.errors import InvalidReply, ServerError
from atari_cli.model import AtariAction, AtariState
from atari_cli.wire.json_text import Json, from_json, to_json

_OBS_TYPES: Final = {1: "ram", 2: "grayscale", 3: "rgb"}
"""By the number of dimensions of an observation; OpenEnv has no field for it."""


class OpenEnvDialect:
    """The dialect of a connection without a subprotocol.

    Attributes:
        episode: The episode as the last reply described it; None before the first.
    """

    def __init__(self) -> None:
        self.episode: ReceivedEpisode | None = None

    def reset(self, data: Json) -> Exchange[ReceivedResult]:
        """Start an episode."""
        return self._read_result((yield from _ask("reset", data)))

    def step(self, action: Any) -> Exchange[ReceivedResult]:
        """Play an action."""
        plain = AtariAction(chosen_index(self.episode, action))
        names = ("game_name", "obs_type", "full_action_space")
        rest = {name: getattr(action, name, getattr(plain, name)) for name in names}
        data = {"action_id": plain.action_id, **rest}
        return self._read_result((yield from _ask("step", data)))

    def step_many(self, actions: Sequence[Any], last_only: bool) -> Exchange[list[ReceivedResult]]:
        """Play actions up to the episode's end, one request each, and return their results.

        Args:
            actions: The actions.
            last_only: Ignored: every screen is sent.
        """
        actions = list(actions)  # it may be an iterator
        for action in actions:
            chosen_index(self.episode, action)
        results: list[ReceivedResult] = []
        for action in actions:
            results.append((yield from self.step(action)))
            if results[-1].done:
                break
        return results

    def state(self) -> Exchange[AtariState]:
        """Ask for the state."""
        return read_state((yield from _ask("state")))

    def frame(self) -> Exchange[bytes]:
        """Raise ServerError: OpenEnv has no pictures."""
        raise ServerError("this server sends no pictures: it speaks plain OpenEnv")
        yield ()  # makes this a generator, as the protocol demands

    def _read_result(self, data: Json) -> ReceivedResult:
        try:
            seen = data["observation"]
            # OpenEnv versions have it next to the observation, within it, in both places, or not.
            metadata = {**(data.get("metadata") or {}), **(seen.get("metadata") or {})}
            self.episode = episode = ReceivedEpisode(_about(seen, metadata))
            frame = ReceivedFrame(bytes(seen["screen"]), episode)
            done, truncated = bool(data["done"]), bool(metadata.get("truncated", False))
            row = {
                **seen,
                "reward": data.get("reward"),
                "terminated": metadata.get("terminated", done and not truncated),
                "truncated": truncated,
                "metadata": metadata,
            }
            return episode.result(frame, row)
        except (LookupError, TypeError, ValueError, AttributeError) as error:
            raise InvalidReply(f"the server sent an invalid observation: {error!r}") from None


def _about(seen: Json, metadata: Json) -> Json:
    """Return the description of an episode with the keys of `atari.v1`."""
    shape = seen["screen_shape"]
    return {
        **metadata,
        "obs_type": _OBS_TYPES[len(shape)],
        "screen_shape": shape,
        "legal_actions": seen["legal_actions"],
        "palette": None,
    }


def _ask(kind: str, data: Json | None = None) -> Exchange[Json]:
    document = {"type": kind} if data is None else {"type": kind, "data": data}
    reply = _read((yield (to_json(document),)))
    if reply["type"] == "error":
        # A reset without settings has no wrong one; why a step failed is unknown.
        raise refusal(kind, reply.get("data"), blames_values=kind == "reset" and bool(data))
    if reply["type"] != ("state" if kind == "state" else "observation"):
        raise InvalidReply(f"the server replied to a {kind} with a {reply['type']!r}")
    found = reply.get("data")
    return found if isinstance(found, dict) else {}


def _read(message: RawMessage) -> Json:
    try:
        reply = from_json(message)
    except ValueError:
        reply = None
    if isinstance(message, bytes) or not isinstance(reply, dict) or "type" not in reply:
        raise InvalidReply("the server sent something other than OpenEnv's JSON")
    return reply
