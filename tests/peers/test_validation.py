"""OpenEnv's own validator accepts the server and the package."""

import json
import shutil
from pathlib import Path

import pytest

from benchmarks.virtual import ROOT, Peers
from tests.peers.conftest import SCRIPTS, run
from tests.server.conftest import Start

CRITERIA = {
    "openapi_version_available",
    "health_endpoint",
    "metadata_endpoint",
    "schema_endpoint",
    "mcp_endpoint",
    "mode_endpoint_consistency",
}

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("newest peers")]


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """The files of this repository that the validator reads; it refuses any change of them."""
    plan = Path("docs", "validation-plan.json")
    (tmp_path / plan.parent).mkdir()
    for name in ("openenv.yaml", "Dockerfile", plan):
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


def test_the_validator_accepts_a_server_given_by_its_url(start: Start, newest: Peers) -> None:
    """With a token, which the validator sends as part of the URL."""
    url = start(token="secret").server.url.replace("://", "://user:secret@")
    report = json.loads(run(newest, "openenv", "validate", "--url", url, "--json"))
    assert {criterion["id"]: criterion["passed"] for criterion in report["criteria"]} == {
        name: True for name in CRITERIA
    }
    assert report["passed"] is True


def test_the_validator_accepts_a_server_in_production_mode(start: Start, newest: Peers) -> None:
    url = start(mode="production").server.url
    report = json.loads(run(newest, "openenv", "validate", "--url", url, "--json"))
    assert report["passed"] is True
    assert report["mode"] == "production"


def test_the_validator_accepts_the_manifest(package: Path, newest: Peers) -> None:
    level = ("--level", "static")
    report = json.loads(run(newest, "openenv", "validate", str(package), *level, "--json"))
    assert report["verdict"] == "pass", report


def test_the_validator_accepts_the_behaviour_of_the_server(
    start: Start, package: Path, newest: Peers
) -> None:
    """Checks without a grader and those that need a sandbox are skipped, which is a warning."""
    program = str(SCRIPTS / "validation_client.py")
    report = json.loads(run(newest, "python", program, start().server.url, str(package)))
    assert not [check for check in report["results"] if check["status"] not in {"pass", "skip"}]
    passed = {check["check_id"] for check in report["results"] if check["status"] == "pass"}
    assert passed == {
        "static.manifest",
        "runtime.startup",
        "runtime.observation_schema",
        "runtime.reward_well_formed",
        "runtime.state_contract",
    }
    assert report["verdict"] == "warn"
