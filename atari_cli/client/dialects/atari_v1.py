"""`atari.v1`: binary replies, request ids, many steps in a message (docs/protocol.md)."""

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from atari_cli.client.dialects.dialect import Exchange, RawMessage, chosen_index, read_state
from atari_cli.client.failures import GONE, refusal
from atari_cli.client.received import MissingFrame, ReceivedEpisode, ReceivedFrame, ReceivedResult
from atari_cli.errors import AtariError, InvalidReply, ResetNeeded, ServerError, UnknownSession
from atari_cli.model import AtariState, Frame
from atari_cli.wire.atari_v1 import MOST_ACTIONS, unpack_message
from atari_cli.wire.json_text import Json, from_json, to_json

BATCHES_AHEAD: Final = 4
BATCH_SIZES: Final = (4, 16)
"""Least and most actions of a batch, where batches are sent ahead."""

_REPEATED: Final = tuple(
    b'{"type":"%b",' % kind for kind in (b"reset", b"step", b"state", b"frame")
)
"""The beginnings of requests that may be sent again, as their reply was lost."""

_REPLIES: Final = {"reset": "observation", "step": "observation", "step_many": "observations"}


class AtariV1Dialect:
    """The dialect of a connection that negotiated `atari.v1`.

    Args:
        most_bytes: Maximum size of a payload.

    Attributes:
        episode: The episode of the connection's own session, as the server described it; None
            before the first.
    """

    def __init__(self, most_bytes: int) -> None:
        self.episode: ReceivedEpisode | None = None
        self._others: dict[str | None, ReceivedEpisode] = {}  # by session
        self._most = most_bytes
        self._asked = 0

    def reset(self, data: Json) -> Exchange[ReceivedResult]:
        """Start an episode."""
        return self._read_one((yield from self._ask("reset", to_json(data))))

    def step(self, action: Any) -> Exchange[ReceivedResult]:
        """Play an action."""
        data = b'{"action_id":%d}' % chosen_index(self.episode, action)
        return self._read_one((yield from self._ask("step", data)))

    def step_many(self, actions: Sequence[Any], last_only: bool) -> Exchange[list[ReceivedResult]]:
        """Play actions up to the episode's end and return their results.

        Args:
            actions: The actions.
            last_only: Whether to receive only the screen of the last step.
        """
        indices = [chosen_index(self.episode, action) for action in actions]
        # Requests are sent ahead only if none can be refused: these actions are in the action set.
        is_split = self.episode is not None and not last_only
        most_asked, sizes = (BATCHES_AHEAD, BATCH_SIZES) if is_split else (1, (MOST_ACTIONS,) * 2)
        batches = deque(_batches(indices, *sizes))
        asked: deque[int] = deque()
        results: list[ReceivedResult] = []
        problem: AtariError | None = None
        while batches or asked:
            texts = []
            while batches and len(asked) < most_asked:
                data = _batch({"actions": batches.popleft()}, last_only)
                texts.append(self._request("step_many", data))
                asked.append(self._asked)
            message = yield texts
            number = asked.popleft()
            if problem or (results and results[-1].done):
                continue  # the reply to a batch of which nothing was played
            try:
                reply = self._reply("step_many", number, message)
                batch = self._read_batches(*reply, is_own=True)[0]
                results += batch
                if asked:
                    _colour(batch)
            except AtariError as error:
                problem = error
            if problem or results[-1].done:
                batches.clear()
        if problem:
            raise problem
        return results

    def step_sessions(
        self, actions: Mapping[str, Sequence[int]], last_only: bool
    ) -> Exchange[list[list[ReceivedResult]]]:
        """Play a batch of actions in each of several sessions of the server.

        Args:
            actions: The batches, by session id.
            last_only: Whether to receive only the screen of each batch's last step.

        Returns:
            The results of each batch, in the order of `actions`.
        """
        data = _batch({"sessions": actions}, last_only)
        return self._read_batches(*(yield from self._ask("step_many", data)))

    def state(self) -> Exchange[AtariState]:
        """Ask for the state."""
        header, _ = yield from self._ask("state")
        return read_state(header.get("data") or {})

    def frame(self) -> Exchange[bytes]:
        """Ask for the screen as a PNG file."""
        _, payload = yield from self._ask("frame")
        return bytes(payload)

    def again(self, texts: Sequence[bytes]) -> Sequence[bytes] | None:
        """Return requests to be sent again over another connection; None if they must not be.

        The server plays a step once, even so. It does not keep the results of several.
        """
        if len(texts) > 1 or not texts[0].startswith(_REPEATED):
            return None
        return (b'%b,"again":true}' % texts[0][:-1],)

    def _ask(
        self, kind: str, data: bytes | None = None
    ) -> Exchange[tuple[Json, bytes | memoryview]]:
        request = self._request(kind, data)
        return self._reply(kind, self._asked, (yield (request,)))

    def _request(self, kind: str, data: bytes | None) -> bytes:
        self._asked += 1
        rest = b"" if data is None else b',"data":%b' % data
        return b'{"type":"%b","id":%d%b}' % (kind.encode(), self._asked, rest)

    def _reply(
        self, kind: str, number: int, message: RawMessage
    ) -> tuple[Json, bytes | memoryview]:
        header, payload = self._read(message)
        is_error = header.get("type") == "error"
        # An error sent before any request, such as that the server is full, has no id.
        if header.get("id", number if is_error else None) != number:
            raise InvalidReply(f"the reply to request {number} is for {header.get('id')}")
        if is_error:
            raise refusal(kind, header.get("data"), blames_values=True)
        if header.get("type") != _REPLIES.get(kind, kind):
            raise InvalidReply(f"the server replied to a {kind} with a {header.get('type')!r}")
        return header, payload

    def _read(self, message: RawMessage) -> tuple[Json, bytes | memoryview]:
        try:
            if isinstance(message, bytes):
                return unpack_message(message, self._most)
            header = from_json(message)
        except (ValueError, ServerError) as error:
            raise InvalidReply(str(error)) from None
        return (header if isinstance(header, dict) else {}), b""

    def _read_one(self, reply: tuple[Json, bytes | memoryview]) -> ReceivedResult:
        header, payload = reply
        try:
            data = header["data"]
            if "episode" in data:
                self.episode = ReceivedEpisode(data["episode"])
            if self.episode is None:
                raise ValueError("the episode was not described")
            return self.episode.result(ReceivedFrame(payload, self.episode), _noted(data))
        except (LookupError, TypeError, ValueError, AttributeError) as error:
            raise InvalidReply(f"the server sent an invalid observation: {error!r}") from None

    def _read_batches(
        self, header: Json, payload: bytes | memoryview, is_own: bool = False
    ) -> list[list[ReceivedResult]]:
        """Return the results of each batch; the first error of a batch is raised."""
        batches, used = [], 0
        try:
            for batch in header["data"]["lots"]:
                if "error" in batch:
                    raise _refused_batch(batch["error"])
                episode = self._episode_of(batch, is_own)
                size = batch["screens"] * episode.screen_size
                batches.append(_results(batch, payload[used : used + size], episode))
                used += size
        except (LookupError, TypeError, ValueError, AttributeError) as error:
            raise InvalidReply(f"the server sent invalid observations: {error!r}") from None
        return batches

    def _episode_of(self, batch: Json, is_own: bool) -> ReceivedEpisode:
        """Return the episode of a batch."""
        own = is_own or (self.episode and self.episode.session_id == batch["session_id"])
        if "episode" in batch:
            episode = ReceivedEpisode(batch["episode"])
            if own:
                self.episode = episode
            else:
                self._others[episode.session_id] = episode
            return episode
        found = self.episode if own else self._others.get(batch["session_id"])
        if found is None:
            raise ValueError("the episode was not described")
        return found


def _batches(actions: Sequence[int], least: int, most: int) -> Iterator[Sequence[int]]:
    """Split actions into batches, each half of what is left, so that the last one is short.

    While the server plays a batch, the client reads the one before; nothing is played while it
    reads the last.
    """
    while actions:
        size = min(max(len(actions) // 2, least), most)
        yield actions[:size]
        actions = actions[size:]


def _colour(results: Sequence[ReceivedResult]) -> None:
    """Convert screens to pixels while the server plays the next batch."""
    for result in results:
        _ = result.observation.pixels


def _batch(data: Json, last_only: bool) -> bytes:
    return to_json({**data, "observations": "last"} if last_only else data)


def _refused_batch(error: Any) -> Exception:
    refused = refusal("step_many", error, blames_values=True)
    # Only that session ended; this connection and its own session are unaffected.
    return ResetNeeded(f"{refused}: {GONE}") if isinstance(refused, UnknownSession) else refused


def _noted(data: Json) -> Json:
    """Return the data of a result, with the ignored settings as `metadata`, if any."""
    ignored = data.get("episode", {}).get("ignored")
    return {**data, "metadata": {"ignored": ignored}} if ignored else data


def _results(
    batch: Json, screens: bytes | memoryview, episode: ReceivedEpisode
) -> list[ReceivedResult]:
    """Return the results of a batch; the screens sent are those of its last steps."""
    names = ("reward", "terminated", "truncated", "lives", "episode_frame_number", "frame_number")
    rows = list(zip(*(batch[name] for name in names), strict=True))
    size, missing = episode.screen_size, len(rows) - batch["screens"]
    results = []
    for number, row in enumerate(rows):
        frame: Frame = MissingFrame()
        if number >= missing:
            first = (number - missing) * size
            # A copy, so that one observation does not keep the whole batch in memory.
            frame = ReceivedFrame(bytes(screens[first : first + size]), episode)
        results.append(episode.result(frame, dict(zip(names, row, strict=True))))
    return results
