"""Clients of atari.v1 get screens as bytes, exactly as a local environment returns them."""

import io
import json
from typing import Any

import imageio.v3 as imageio
import numpy as np
import pytest
from numpy.typing import NDArray
from websockets.sync.client import ClientConnection

from atari_cli import AtariEnvironment
from atari_cli.wire.atari_v1 import SUBPROTOCOL, unpack_message
from tests.server.conftest import Start, Ways

Header = dict[str, Any]
MOST = 1 << 27


def talk(ways: Ways, path: str = "/ws") -> ClientConnection:
    return ways.talk(path, subprotocols=[SUBPROTOCOL])


def ask(socket: ClientConnection, kind: str, **keys: Any) -> tuple[Header, NDArray[np.uint8]]:
    """Send a request and return the header of the reply, or the text, and the payload."""
    socket.send(json.dumps({"type": kind, **keys}))
    reply = socket.recv(timeout=30)
    if isinstance(reply, str):
        return json.loads(reply), np.empty(0, np.uint8)
    header, payload = unpack_message(reply, MOST)
    return header, np.frombuffer(payload, np.uint8)


@pytest.mark.parametrize("compression", ["none", "zlib"])
@pytest.mark.parametrize("obs_type", ["rgb", "grayscale", "ram"])
def test_replies_contain_what_an_environment_returns(
    ways: Ways, obs_type: str, compression: str
) -> None:
    socket = talk(ways, f"/ws?compression={compression}")
    settings = {"game": "breakout", "obs_type": obs_type, "frameskip": 3}
    environment = AtariEnvironment("breakout", obs_type=obs_type, frameskip=3)
    header, payload = ask(socket, "reset", data={"seed": 7, **settings})
    episode = header["data"]["episode"]
    result = environment.reset(seed=7)
    assert tuple(episode["screen_shape"]) == result.observation.screen_shape
    assert tuple(episode["action_meanings"]) == result.observation.action_meanings
    assert (episode["game_name"], episode["seed"]) == ("breakout", 7)
    for action in (1, 3, 3, 2, 0) * 4:
        pixels = np.array(episode["palette"])[payload] if obs_type == "rgb" else payload
        assert np.array_equal(pixels.reshape(-1), result.observation.pixels.reshape(-1))
        header, payload = ask(socket, "step", data={"action_id": action})
        result = environment.step(action)
        assert header == {
            "type": "observation",
            "data": {
                "reward": result.reward,
                "terminated": False,
                "truncated": False,
                "lives": result.observation.lives,
                "episode_frame_number": result.observation.episode_frame_number,
                "frame_number": result.observation.frame_number,
            },
            **({"compression": "zlib"} if compression == "zlib" else {}),
        }


def test_payloads_are_not_compressed_for_this_machine(ways: Ways) -> None:
    header, payload = ask(talk(ways), "reset")
    assert "compression" not in header
    assert len(payload) == 210 * 160


def test_a_reply_carries_the_id_of_its_request(ways: Ways) -> None:
    socket = talk(ways)
    for kind in ("reset", "state", "frame", "nonsense"):
        for name in (7, "seven", 0, ""):
            assert ask(socket, kind, id=name)[0]["id"] == name
    assert "id" not in ask(socket, "state")[0]
    reply, _ = ask(socket, "state", id=[1])
    assert reply["data"]["code"] == "VALIDATION_ERROR"


def test_several_requests_may_be_sent_before_their_replies(ways: Ways) -> None:
    socket = talk(ways)
    for name in range(50):
        socket.send(json.dumps({"type": "step", "id": name, "data": {"action_id": 0}}))
    headers = [unpack_message(socket.recv(timeout=30, decode=False), MOST)[0] for _ in range(50)]
    assert [header["id"] for header in headers] == list(range(50))
    assert [header["data"]["episode_frame_number"] for header in headers] == [
        4 * (name + 1) for name in range(50)
    ]


def test_an_episode_is_described_once(ways: Ways) -> None:
    socket = talk(ways)
    first, _ = ask(socket, "step", data={"action_id": 0})
    assert first["data"]["episode"]["legal_actions"] == [0, 1, 2, 3, 4, 5]
    assert "episode" not in ask(socket, "step", data={"action_id": 0})[0]["data"]
    assert "episode" in ask(socket, "reset", data={"colour": "red"})[0]["data"]


def test_step_many_gives_the_results_of_single_steps(ways: Ways) -> None:
    actions = [2, 3, 2, 2, 3, 0] * 5
    many, single = talk(ways), talk(ways)
    ask(many, "reset", data={"seed": 1})
    ask(single, "reset", data={"seed": 1})
    reply, payload = ask(many, "step_many", id=1, data={"actions": actions})
    (lot,) = reply["data"]["lots"]
    assert (reply["type"], reply["id"], lot["screens"]) == ("observations", 1, 30)
    for index, screen in enumerate(payload.reshape(30, -1)):
        header, alone = ask(single, "step", data={"action_id": actions[index]})
        assert np.array_equal(screen, alone)
        assert {key: lot[key][index] for key in header["data"]} == header["data"]


def test_a_batch_ends_with_its_episode(ways: Ways) -> None:
    socket = talk(ways)
    ask(socket, "reset", data={"max_frames": 20})
    reply, payload = ask(socket, "step_many", data={"actions": [0] * 9, "observations": "last"})
    (lot,) = reply["data"]["lots"]
    assert lot["truncated"] == [False, False, False, False, True]
    assert lot["screens"] == 1
    assert len(payload) == 210 * 160
    reply, again = ask(socket, "step_many", data={"actions": [0] * 9})
    assert reply["data"]["lots"][0]["reward"] == [0.0]
    assert np.array_equal(payload, again)


def test_one_message_can_step_several_sessions(ways: Ways) -> None:
    pong = ways.ask("POST", "/sessions", {"obs_type": "ram"}).body["session_id"]
    breakout = ways.ask("POST", "/sessions", {"game": "breakout"}).body["session_id"]
    lots = {pong: [0, 0], "nobody": [1], breakout: [1]}
    reply, payload = ask(talk(ways), "step_many", data={"sessions": lots})
    first, lost, second = reply["data"]["lots"]
    assert (first["session_id"], second["session_id"]) == (pong, breakout)
    assert first["episode"]["obs_type"] == "ram"
    assert second["episode"]["game_name"] == "breakout"
    assert lost["error"]["code"] == "SESSION_ERROR"
    assert len(payload) == 2 * 128 + 210 * 160


def test_a_request_can_name_another_session(ways: Ways) -> None:
    other = ways.ask("POST", "/sessions", {"game": "breakout"}).body["session_id"]
    socket = talk(ways)
    assert ask(socket, "state", session=other)[0]["data"]["game_name"] == "breakout"
    assert ask(socket, "state")[0]["data"]["game_name"] == "pong"
    assert ask(socket, "state", session="nobody")[0]["type"] == "error"


def test_an_invalid_id_is_reported_like_other_invalid_keys(ways: Ways) -> None:
    data = ask(talk(ways), "state", id=[1])[0]["data"]
    assert (data["code"], data["message"]) == ("VALIDATION_ERROR", "Invalid message")
    assert data["errors"][0]["loc"][0] == "id"


def test_another_session_can_end_while_a_request_waits_for_it(ways: Ways) -> None:
    sessions = ways.server.sessions
    other, socket = sessions.open(), talk(ways)
    other.close()  # as when the register no longer has it
    assert ask(socket, "state", session=other.id)[0]["data"]["code"] == "SESSION_ERROR"
    assert ask(socket, "state")[0]["type"] == "state"
    sessions.close(other)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({}, "either actions or sessions"),
        ({"actions": [0], "sessions": {}}, "either actions or sessions"),
        ({"actions": []}, "at least one action"),
        ({"actions": [0] * 257}, "at most 256"),
        ({"actions": [0, 6]}, "got 6"),
        ({"actions": [0], "observations": "none"}, "Invalid message"),
        ({"actions": ["up"]}, "Invalid message"),
    ],
)
def test_an_invalid_batch_is_refused_and_nothing_is_played(
    ways: Ways, data: Header, message: str
) -> None:
    socket = talk(ways)
    ask(socket, "reset")
    reply, _ = ask(socket, "step_many", data=data)
    assert message in reply["data"]["message"]
    assert ask(socket, "state")[0]["data"]["step_count"] == 0


def test_the_first_of_many_invalid_actions_is_named(ways: Ways) -> None:
    with ways.talk(subprotocols=[SUBPROTOCOL]) as socket:
        socket.send(json.dumps({"type": "step_many", "data": {"actions": ["x"] * 1000}}))
        (found,) = json.loads(socket.recv(timeout=30))["data"]["errors"]
    assert found["loc"] == ["actions", 0]


def test_a_frame_is_a_png_in_rgb(ways: Ways) -> None:
    socket = talk(ways)
    early, _ = ask(socket, "frame")
    assert early["data"]["code"] == "EXECUTION_ERROR"
    ask(socket, "reset", data={"seed": 1, "obs_type": "ram"})
    _, payload = ask(socket, "frame")
    shown = imageio.imread(io.BytesIO(payload.tobytes()))
    assert np.array_equal(shown, AtariEnvironment("pong").reset(seed=1).observation.pixels)


def test_a_client_without_the_subprotocol_gets_only_text(ways: Ways) -> None:
    socket = ways.talk()
    assert socket.subprotocol is None
    socket.send('{"type": "step_many", "data": {"actions": [0]}}')
    assert json.loads(socket.recv(timeout=30))["data"]["code"] == "UNKNOWN_TYPE"
    socket.send('{"type": "state", "id": 1}')
    assert json.loads(socket.recv(timeout=30))["data"]["code"] == "VALIDATION_ERROR"


def test_a_token_also_works_with_the_subprotocol(start: Start) -> None:
    ways = start(token="t")
    socket = ways.talk(subprotocols=[SUBPROTOCOL], additional_headers={"Authorization": "Bearer t"})
    assert socket.subprotocol == SUBPROTOCOL
