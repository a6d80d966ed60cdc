"""Slow, invalid or hostile connections are answered or dropped; the others continue."""

import json
import logging
import random
import socket
import struct

import pytest

from tests.server.conftest import Start, Ways, say, until


def request(head: str, body: bytes = b"") -> bytes:
    return head.replace("\n", "\r\n").encode() + b"\r\n\r\n" + body


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (request("GET /nowhere HTTP/1.1\nHost: localhost"), 404),
        (request("PUT /health HTTP/1.1\nHost: localhost"), 405),
        (request("nonsense"), 400),
        (request("GET /health HTTP/9.9\nHost: localhost"), 505),
        (request("POST /step HTTP/1.1\nHost: localhost\nContent-Length: -1"), 400),
        (request("POST /step HTTP/1.1\nHost: localhost\nContent-Length: x"), 400),
        (
            request("POST /step HTTP/1.1\nHost: localhost\nContent-Length: 1\nContent-Length: 2"),
            400,
        ),
        (request("POST /step HTTP/1.1\nHost: localhost\nTransfer-Encoding: gzip"), 501),
        (
            request("POST /step HTTP/1.1\nHost: localhost\nTransfer-Encoding: chunked", b"x\r\n"),
            400,
        ),
        (request(f"POST /step HTTP/1.1\nHost: localhost\nContent-Length: {2 << 20}"), 413),
        (request("GET /" + "x" * 70_000 + " HTTP/1.1"), 414),
        (request("GET / HTTP/1.1\n" + "\n".join(f"X-{n}: 1" for n in range(200))), 431),
    ],
)
def test_an_invalid_request_gets_its_status_and_a_detail(
    ways: Ways, data: bytes, status: int
) -> None:
    reply = ways.send(data)
    assert reply.startswith(b"HTTP/1.1 %d " % status)
    assert b'{"detail":' in reply
    assert ways.ask("GET", "/health").status == 200


def test_the_reply_to_a_wrong_method_lists_the_allowed_ones(ways: Ways) -> None:
    reply = ways.ask("DELETE", "/sessions")
    assert (reply.status, reply.headers["allow"]) == (405, "GET, HEAD, POST")


@pytest.mark.parametrize("path", ["/health", "/docs", "/openapi.json", "/nowhere"])
def test_head_is_get_without_a_body(ways: Ways, path: str) -> None:
    full, head = ways.ask("GET", path), ways.ask("HEAD", path)
    assert (head.status, head.body) == (full.status, "")
    for name in ("content-length", "content-type"):
        assert head.headers[name] == full.headers[name]


def test_several_requests_may_arrive_in_one_piece(ways: Ways) -> None:
    get = request("GET /health HTTP/1.1\nHost: localhost")
    assert ways.send(get * 5).count(b"HTTP/1.1 200 OK") == 5


def test_a_request_may_arrive_byte_by_byte(ways: Ways) -> None:
    data = request(
        "POST /reset HTTP/1.1\nHost: localhost\nContent-Length: 2\nConnection: close", b"{}"
    )
    with socket.create_connection(ways.address, timeout=30) as connection:
        for byte in data:
            connection.sendall(bytes((byte,)))
        assert connection.recv(15) == b"HTTP/1.1 200 OK"


def test_a_connection_whose_body_never_arrives_is_dropped(
    ways: Ways, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("atari_cli.server.front.connection.BODY_SECONDS", 0.1)
    with socket.create_connection(ways.address, timeout=30) as connection:
        connection.sendall(
            request("POST /reset HTTP/1.1\nHost: localhost\nContent-Length: 9", b"{")
        )
        assert connection.recv(100) == b""
    assert ways.ask("GET", "/health").status == 200


def test_a_connection_whose_head_never_ends_is_dropped(
    ways: Ways, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("atari_cli.server.front.connection.HEAD_SECONDS", 0.1)
    with socket.create_connection(ways.address, timeout=30) as connection:
        connection.sendall(b"GET /health HTTP/1.1\r\nX-")
        assert connection.recv(100) == b""


def test_random_bytes_do_no_harm(ways: Ways) -> None:
    chance = random.Random(1)
    ways.send(chance.randbytes(10_000))
    for _ in range(20):
        ways.send(chance.randbytes(chance.randrange(1, 200)) + b"\r\n\r\n")
    assert ways.ask("GET", "/health").status == 200


def test_a_peer_that_resets_the_connection_does_no_harm(ways: Ways) -> None:
    for _ in range(10):
        connection = socket.create_connection(ways.address, timeout=30)
        connection.sendall(request("POST /reset HTTP/1.1\nHost: localhost\nContent-Length: 0"))
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.close()
    assert ways.ask("GET", "/health").status == 200


def test_an_internal_error_is_500_without_a_traceback(
    ways: Ways, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(self: object) -> int:
        raise ZeroDivisionError("/secret/path")

    with monkeypatch.context() as patch:
        patch.setattr("atari_cli.server.sessions.register.Sessions.all", broken)
        reply = ways.ask("GET", "/sessions")
    assert reply.status == 500
    assert "the server failed; its log has" in reply.body["detail"]
    assert "secret" not in str(reply)
    assert ways.ask("GET", "/health").status == 200


def test_requests_with_a_token_share_a_session(start: Start) -> None:
    ways = start(token="t")
    shown = {"Authorization": "Bearer t"}
    assert ways.ask("POST", "/reset", **shown).status == 200
    assert ways.ask("POST", "/step", {"action": {"action_id": 0}}, **shown).status == 200
    assert ways.ask("GET", "/state", **shown).body["step_count"] == 1


def test_an_http_1_0_request_ends_its_connection_unless_it_asks_to_keep_it(ways: Ways) -> None:
    get = b"GET /health HTTP/1.0\r\nHost: localhost\r\n"
    assert ways.send(get + b"\r\n" + get + b"\r\n").count(b"HTTP/1.1 200 OK") == 1
    kept = get + b"Connection: keep-alive\r\n\r\n"
    reply = ways.send(kept + kept)
    assert reply.count(b"HTTP/1.1 200 OK") == 2
    assert b"Connection: keep-alive\r\n" in reply


def test_a_connection_is_closed_if_the_client_asks(ways: Ways) -> None:
    get = request("GET /health HTTP/1.1\nHost: localhost\nConnection: close")
    reply = ways.send(get + get)
    assert reply.count(b"HTTP/1.1 200 OK") == 1
    assert b"Connection: close\r\n" in reply


def test_a_body_is_requested_if_the_client_expects_100_continue(ways: Ways) -> None:
    head = "POST /reset HTTP/1.1\nHost: localhost\nContent-Length: 2\nConnection: close\nExpect: "
    with socket.create_connection(ways.address, timeout=30) as connection:
        connection.sendall(request(f"{head}100-Continue"))
        assert connection.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(b"{}")
        assert connection.recv(15) == b"HTTP/1.1 200 OK"
    assert ways.send(request(f"{head}coffee", b"{}")).startswith(b"HTTP/1.1 417 ")


def test_a_body_may_come_in_chunks(ways: Ways) -> None:
    head = "POST {} HTTP/1.1\nHost: localhost\nTransfer-Encoding: chunked"
    reset = request(head.format("/reset"), b'7\r\n{"seed"\r\n4\r\n: 7}\r\n0\r\n\r\n')
    state = request("GET /state HTTP/1.1\nHost: localhost")
    assert b'"seed":7' in ways.send(reset + state).rpartition(b"HTTP/1.1 200 OK")[2]
    tools = b'{"jsonrpc": "2.0", "id": 1, "method": "tools/list"}'
    body = b"%x\r\n%b\r\n0\r\n\r\n" % (len(tools), tools)
    assert b"new_game" in ways.send(request(head.format("/mcp"), body))


def test_permission_is_given_to_a_body_in_chunks(ways: Ways) -> None:
    head = "POST /reset HTTP/1.1\nHost: localhost\nConnection: close\nTransfer-Encoding: chunked"
    with socket.create_connection(ways.address, timeout=30) as connection:
        connection.sendall(request(f"{head}\nExpect: 100-continue"))
        assert connection.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(b"2\r\n{}\r\n0\r\n\r\n")
        assert connection.recv(15) == b"HTTP/1.1 200 OK"


def test_a_refusal_arrives_while_the_body_is_still_being_sent(ways: Ways) -> None:
    body = b"x" * (3 << 20)
    head = f"POST /reset HTTP/1.1\nHost: localhost\nContent-Length: {len(body)}"
    assert ways.send(request(head, body)).startswith(b"HTTP/1.1 413 ")


def test_the_body_of_a_get_is_not_read_as_another_request(ways: Ways) -> None:
    inner = request("GET /metadata HTTP/1.1\nHost: localhost")
    outer = request(f"GET /health HTTP/1.1\nHost: localhost\nContent-Length: {len(inner)}", inner)
    assert ways.send(outer).count(b"HTTP/1.1") == 1


def test_an_idle_connection_is_closed(ways: Ways, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("atari_cli.server.front.connection.IDLE_SECONDS", 0.1)
    with socket.create_connection(ways.address, timeout=30) as connection:
        connection.sendall(request("GET /health HTTP/1.1\nHost: localhost"))
        assert connection.makefile("rb").read().startswith(b"HTTP/1.1 200 OK")


@pytest.mark.parametrize("beginning", [b"GET /health HTTP/1.1\r\nX: ", b"\r\n"])
def test_a_connection_whose_head_arrives_too_slowly_is_dropped(
    ways: Ways, monkeypatch: pytest.MonkeyPatch, beginning: bytes
) -> None:
    monkeypatch.setattr("atari_cli.server.front.connection.HEAD_SECONDS", 0.2)
    with socket.create_connection(ways.address, timeout=30) as connection:
        connection.sendall(beginning)
        connection.settimeout(0.02)
        dripped = 0
        while dripped < 1000:
            try:
                assert connection.recv(100) == b""
                break
            except TimeoutError:
                connection.sendall(b"x")
                dripped += 1
            except ConnectionError:
                break
        assert dripped < 1000
    assert until(lambda: not ways.server._listener.connections)


def test_a_client_that_does_not_read_its_reply_is_dropped(
    ways: Ways, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("atari_cli.server.front.connection.WRITE_SECONDS", 0.2)
    post = request("POST /reset HTTP/1.1\nHost: localhost\nContent-Length: 0")
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.connect(ways.address)
        connection.sendall(post * 40)  # 16 MB of replies
        assert until(lambda: len(ways.server._listener.connections) == 1)
        assert until(lambda: not ways.server._listener.connections)
    assert ways.ask("GET", "/health").status == 200


def test_the_id_of_a_request_is_in_its_reply_and_in_the_log(
    ways: Ways, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, logger="atari"):
        own = ways.ask("GET", "/health?token=secret").headers["x-request-id"]
        given = ways.ask("GET", "/health", X_Request_Id="run-7.a").headers["x-request-id"]
        strange = ways.ask("GET", "/health", X_Request_Id="a b").headers["x-request-id"]
        assert until(lambda: len(caplog.records) == 3)  # they are logged after the replies
    assert given == "run-7.a"
    assert len({own, given, strange}) == 3
    fields = [vars(record)["fields"] for record in caplog.records]
    assert [line["request_id"] for line in fields] == [own, given, strange]
    assert fields[0].items() >= {
        "method": "GET", "path": "/health", "status": 200, "peer": "127.0.0.1"
    }.items()  # fmt: skip
    assert "secret" not in caplog.text


def test_the_log_has_only_the_beginning_of_a_session_id(
    ways: Ways, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, logger="atari"):
        identity = ways.ask("POST", "/sessions").body["session_id"]
        for path in ("/sessions", "//sessions", "/%73essions", "/sessions", "/of/sessions"):
            ways.ask("DELETE", f"{path}/{identity}")
            ways.ask("DELETE", f"{path}/{identity}/")
        assert until(lambda: len(caplog.records) == 11)  # they are logged after the replies
    assert identity not in caplog.text
    assert f"DELETE /sessions/{identity[:4]}... 200" in caplog.text


def test_a_failing_emulator_affects_only_its_session(
    ways: Ways, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = ways.ask("POST", "/sessions", {"obs_type": "ram"}).headers["x-atari-session"]
    ways.ask("POST", "/reset", X_Atari_Session=broken)
    with ways.talk() as other, ways.talk(f"/ws?session_id={broken}") as socket_:
        say(other, "reset", obs_type="ram")
        environment = ways.server.sessions.get(broken)._environment

        def fail(action: int) -> None:
            raise RuntimeError("/secret/path: the emulator is broken")

        monkeypatch.setattr(environment, "step", fail)
        step = {"action": {"action_id": 0}}
        reply = ways.ask("POST", "/step", step, X_Atari_Session=broken)
        assert reply.status == 500
        told = say(socket_, "step", action_id=0)["data"]
        assert told["code"] == "EXECUTION_ERROR"
        assert "secret" not in str(reply) + str(told)
        assert say(other, "step", action_id=0)["data"]["observation"]["frame_number"] == 4
        assert say(socket_, "state")["type"] == "state"
    assert until(lambda: len(ways.server.sessions) == 1)
    assert ways.ask("DELETE", f"/sessions/{broken}").status == 200


@pytest.mark.parametrize(
    "body",
    [
        "[" * 100_000,
        '{"a":' * 100_000,
        "[" * 900 + "]" * 900,
        '{"a":' * 900 + "1" + "}" * 900,
        '{"action":' * 200 + "1" + "}" * 200,
        '{"action": {"action_id": ' + "9" * 5000 + "}}",
        '{"action": {"action_id": NaN}}',
        '{"action": {"action_id": 1e999}}',
        '{"action": {"action_id": 0}, "timeout_s": Infinity}',
        '{"action": {"action_id": "\\ud800"}}',
        '{"seed": 99999999999999999999999}',
        '{"seed": "' + "9" * 5000 + '"}',
        '{"jsonrpc": "2.0", "method": "tools/list", "id": ' + "9" * 400 + "}",
        '{"a": "' + "x" * 100_000,
        "\x00\xff",
    ],
)
def test_invalid_or_malicious_json_is_refused_everywhere(ways: Ways, body: str) -> None:
    connection = ways.connection()
    for path, status in (("/step", {422}), ("/mcp", {200}), ("/reset", {200, 422})):
        connection.request("POST", path, body.encode("latin-1"))
        response = connection.getresponse()
        reply = json.loads(response.read())
        assert response.status in status
        assert path == "/reset" or "detail" in reply or reply["error"]["code"] < 0
    with ways.talk() as socket_:
        for frame in (
            body,
            f'{{"type": "step", "data": {body}}}',
            f'{{"type": "mcp", "data": {body}}}',
        ):
            socket_.send(frame)
            assert json.loads(socket_.recv(timeout=30))["type"] in {"error", "mcp"}
        assert say(socket_, "state")["type"] == "state"


def test_the_last_of_duplicate_keys_counts(ways: Ways) -> None:
    connection = ways.connection()
    connection.request("POST", "/reset", '{"seed": 1, "seed": 2, "obs_type": "ram"}')
    assert json.loads(connection.getresponse().read())["metadata"]["seed"] == 2
