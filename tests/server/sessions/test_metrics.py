"""The figures are those that Prometheus reads, and no client can make them many."""

import re
from collections.abc import Iterator

from tests.server.conftest import Start, Ways, say, until

SAMPLE = re.compile(r'(\w+)(?:\{(\w+="[^"\\\n]*"(?:,\w+="[^"\\\n]*")*)\})? ([0-9.]+(?:e-?\d+)?)')


def figures(ways: Ways) -> dict[str, float]:
    """Return each figure by its name and labels, having checked that all is well formed."""
    reply = ways.ask("GET", "/metrics")
    assert reply.headers["content-type"].startswith("text/plain; version=0.0.4")
    return dict(samples(reply.body))


def samples(text: str) -> Iterator[tuple[str, float]]:
    families: dict[str, str] = {}
    assert text.endswith("\n")
    for line in text.splitlines():
        if line.startswith("# TYPE "):
            _, _, name, kind = line.split(" ")
            assert name not in families
            families[name] = kind
        elif not line.startswith("# HELP "):
            sample = SAMPLE.fullmatch(line)
            assert sample, line
            family = re.sub("_(bucket|sum|count)$", "", sample[1])
            assert families.get(family) == "histogram" or sample[1] in families, line
            yield line.rpartition(" ")[0], float(sample[3])


def test_a_new_server_has_every_figure_of_its_own(ways: Ways) -> None:
    found = figures(ways)
    assert found["atari_sessions_active"] == 0
    assert found["atari_sessions_max"] == 256
    assert any(name.startswith("atari_build_info{version=") for name in found)


def test_requests_are_counted_by_route_method_and_status(ways: Ways) -> None:
    identity = ways.ask("POST", "/sessions").body["session_id"]
    ways.ask("DELETE", f"/sessions/{identity}")
    ways.ask("GET", "/nowhere/at/all")
    ways.ask("BREW", "/health")
    found = figures(ways)
    requests = "atari_http_requests_total"
    assert found[f'{requests}{{route="/sessions",method="POST",code="201"}}'] == 1
    assert found[f'{requests}{{route="/sessions/{{identity}}",method="DELETE",code="200"}}'] == 1
    assert found[f'{requests}{{route="none",method="GET",code="404"}}'] == 1
    assert found[f'{requests}{{route="none",method="other",code="405"}}'] == 1
    assert found['atari_http_request_duration_seconds_count{route="/sessions"}'] == 1
    assert found['atari_http_request_duration_seconds_bucket{route="/sessions",le="+Inf"}'] == 1
    assert found["atari_sent_bytes_total"] > 0


def test_what_clients_choose_is_no_label(ways: Ways) -> None:
    names: list[set[str]] = []
    for number in range(5):
        ways.ask("GET", f"/nowhere{number}?x={number}")
        ways.ask(f"METHOD{number}", "/health")
        ways.ask("GET", f"/env{number}/splits")
        names.append(set(figures(ways)))
    assert names[1] == names[4]  # the first has no figure of /metrics yet
    assert not [name for name in names[4] if re.search(r"nowhere|METHOD|env\d", name)]


def test_steps_and_messages_are_counted(ways: Ways) -> None:
    with ways.talk() as socket:
        say(socket, "reset", obs_type="ram")
        say(socket, "step", action_id=0)
        say(socket, "step", action_id=99)
        say(socket, "dance" * 10)
        found = figures(ways)
    messages = "atari_ws_messages_total"
    assert found["atari_ws_connections"] == 1
    assert found["atari_env_steps_total"] == 1
    assert found["atari_env_step_duration_seconds_count"] == 1
    assert found[f'{messages}{{type="reset",outcome="ok"}}'] == 1
    assert found[f'{messages}{{type="step",outcome="ok"}}'] == 1
    assert found[f'{messages}{{type="step",outcome="EXECUTION_ERROR"}}'] == 1
    assert found[f'{messages}{{type="other",outcome="UNKNOWN_TYPE"}}'] == 1
    assert until(lambda: figures(ways)["atari_ws_connections"] == 0)


def test_buckets_grow_up_to_the_count(ways: Ways) -> None:
    for _ in range(5):
        ways.ask("GET", "/health")
    start = 'atari_http_request_duration_seconds_bucket{route="/health"'
    buckets = [value for name, value in figures(ways).items() if name.startswith(start)]
    assert buckets == sorted(buckets)
    assert buckets[-1] == 5


def test_refused_and_reaped_sessions_are_counted(start: Start) -> None:
    ways = start(max_sessions=1, idle_timeout=0.01)
    ways.ask("POST", "/sessions")
    ways.ask("POST", "/sessions")
    while len(ways.server.sessions):
        ways.server.sessions.reap()
    found = figures(ways)
    assert found['atari_session_rejections_total{reason="capacity"}'] == 1
    assert found["atari_sessions_reaped_total"] == 1
