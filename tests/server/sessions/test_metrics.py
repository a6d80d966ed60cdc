"""Metrics have the format and names that Prometheus reads, and clients cannot add series."""

import re
import sys
from collections.abc import Iterator
from time import monotonic

import pytest

from tests.server.conftest import Start, Ways, say, until

SAMPLE = re.compile(r'(\w+)(?:\{(\w+="[^"\\\n]*"(?:,\w+="[^"\\\n]*")*)\})? ([0-9.]+(?:e[+-]?\d+)?)')


def figures(ways: Ways) -> dict[str, float]:
    """Return each metric by its name and labels, after checking that the text is well formed."""
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


def test_a_new_server_has_all_metrics_of_the_server(ways: Ways) -> None:
    found = figures(ways)
    assert found["atari_sessions_active"] == 0
    assert found["atari_sessions_max"] == 256
    assert any(name.startswith("atari_build_info{version=") for name in found)
    assert not [name for name in found if "_created" in name]


@pytest.mark.skipif(sys.platform != "linux", reason="these metrics are read from /proc")
def test_there_are_metrics_of_the_process_too(ways: Ways) -> None:
    found = figures(ways)
    assert found["process_resident_memory_bytes"] > 1e6
    assert found["process_open_fds"] > 1


def test_requests_are_counted_by_route_method_and_status(ways: Ways) -> None:
    identity = ways.ask("POST", "/sessions").body["session_id"]
    ways.ask("DELETE", f"/sessions/{identity}")
    ways.ask("GET", "/nowhere/at/all")
    ways.ask("BREW", "/health")
    found = figures(ways)
    requests = "atari_http_requests_total"
    assert found[f'{requests}{{code="201",method="POST",route="/sessions"}}'] == 1
    assert found[f'{requests}{{code="200",method="DELETE",route="/sessions/{{identity}}"}}'] == 1
    assert found[f'{requests}{{code="404",method="GET",route="none"}}'] == 1
    assert found[f'{requests}{{code="405",method="other",route="none"}}'] == 1
    assert found['atari_http_request_duration_seconds_count{route="/sessions"}'] == 1
    assert found['atari_http_request_duration_seconds_bucket{le="+Inf",route="/sessions"}'] == 1
    assert found["atari_sent_bytes_total"] > 0


def test_values_chosen_by_clients_are_not_labels(ways: Ways) -> None:
    names: list[set[str]] = []
    for number in range(5):
        ways.ask("GET", f"/nowhere{number}?x={number}")
        ways.ask(f"METHOD{number}", "/health")
        ways.ask("GET", f"/env{number}/splits")
        names.append(set(figures(ways)))
    assert names[1] == names[4]  # the first has no metric of /metrics yet
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
    assert found[f'{messages}{{outcome="ok",type="reset"}}'] == 1
    assert found[f'{messages}{{outcome="ok",type="step"}}'] == 1
    assert found[f'{messages}{{outcome="EXECUTION_ERROR",type="step"}}'] == 1
    assert found[f'{messages}{{outcome="UNKNOWN_TYPE",type="other"}}'] == 1
    assert until(lambda: figures(ways)["atari_ws_connections"] == 0)


def test_buckets_are_cumulative_up_to_the_count(ways: Ways) -> None:
    for _ in range(5):
        ways.ask("GET", "/health")
    start, end = "atari_http_request_duration_seconds_bucket", 'route="/health"}'
    found = figures(ways).items()
    buckets = [value for name, value in found if name.startswith(start) and name.endswith(end)]
    assert buckets == sorted(buckets)
    assert buckets[-1] == 5


def test_refused_and_reaped_sessions_are_counted(start: Start) -> None:
    ways = start(max_sessions=1, idle_timeout=0.01)
    ways.ask("POST", "/sessions")
    ways.ask("POST", "/sessions")
    while len(ways.server.sessions):
        ways.server.sessions.reap(monotonic() + 1)
    found = figures(ways)
    assert found['atari_session_rejections_total{reason="capacity"}'] == 1
    assert found["atari_sessions_reaped_total"] == 1
