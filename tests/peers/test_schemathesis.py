"""Schemathesis finds nothing wrong with the HTTP API, by all of its checks."""

from pathlib import Path

import pytest

from benchmarks.virtual import Peers
from tests.peers.conftest import SCRIPTS, run
from tests.server.conftest import Start

TOKEN = "TOKEN"  # that of the example of POST /web/login

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("newest peers")]


@pytest.mark.parametrize("settings", [{}, {"token": TOKEN}], ids=["open", "with a token"])
def test_the_api_does_what_its_document_says(
    start: Start, newest: Peers, tmp_path: Path, settings: dict[str, str]
) -> None:
    """`schemathesis.toml` and `hooks.py` say what is expected beyond the document."""
    # With this many sessions there is no 503, which schemathesis takes for a failure.
    url = start(max_sessions=4096, **settings).server.url
    config = ("--config-file", str(SCRIPTS / "schemathesis.toml"))
    header = ("--header", f"Authorization: Bearer {TOKEN}") if settings else ()
    command = (*config, "run", f"{url}/openapi.json", "--checks", "all", *header)
    hooks = {"SCHEMATHESIS_HOOKS": "hooks", "PYTHONPATH": str(SCRIPTS)}
    assert "No issues found" in run(newest, "schemathesis", *command, folder=tmp_path, **hooks)
