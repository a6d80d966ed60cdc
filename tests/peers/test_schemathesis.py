"""Schemathesis finds no fault in the HTTP API with all of its checks."""

from pathlib import Path

import pytest

from benchmarks.virtual import Peers
from tests.peers.conftest import SCRIPTS, run
from tests.server.conftest import Start

TOKEN = "TOKEN"  # the one in the example of POST /web/login

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("newest peers")]


@pytest.mark.parametrize("settings", [{}, {"token": TOKEN}], ids=["open", "with a token"])
def test_the_api_behaves_as_its_openapi_document_says(
    start: Start, newest: Peers, tmp_path: Path, settings: dict[str, str]
) -> None:
    """`schemathesis.toml` and `hooks.py` describe expectations beyond the document."""
    # With this many sessions there is no 503, which schemathesis regards as a failure.
    url = start(max_sessions=4096, **settings).server.url
    config = ("--config-file", str(SCRIPTS / "schemathesis.toml"))
    header = ("--header", f"Authorization: Bearer {TOKEN}") if settings else ()
    command = (*config, "run", f"{url}/openapi.json", "--checks", "all", *header)
    hooks = {"SCHEMATHESIS_HOOKS": "hooks", "PYTHONPATH": str(SCRIPTS)}
    assert "No issues found" in run(newest, "schemathesis", *command, folder=tmp_path, **hooks)
