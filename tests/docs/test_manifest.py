"""`openenv.yaml` and the front matter of README.md describe this environment correctly."""

import json
import re
from pathlib import Path

from atari_cli import AtariEnvironment
from atari_cli.config import ServeConfig
from atari_cli.server.routes.tasks import SPLITS, tasks
from atari_cli.version import __version__

ROOT = Path(__file__).parents[2]
MANIFEST = (ROOT / "openenv.yaml").read_text("utf-8")
HEAD = (ROOT / "README.md").read_text("utf-8").split("---\n")[1]


def values(text: str) -> dict[str, str]:
    """Return the scalars of a YAML text by their keys, which are unique here."""
    return dict(re.findall(r"^ *(\w+): (\S.*)$", text, re.MULTILINE))


def test_the_manifest_has_this_version_and_the_port_of_the_server() -> None:
    manifest = values(MANIFEST)
    assert manifest["version"] == __version__
    assert int(manifest["port"]) == ServeConfig.port


def test_the_manifest_counts_the_tasks() -> None:
    counts = {split: int(values(MANIFEST)[split]) for split in SPLITS}
    assert counts == {split: len(tasks(split)) for split in SPLITS}


def test_the_probe_plan_can_be_played() -> None:
    plan = json.loads((ROOT / values(MANIFEST)["probe_path"]).read_text("utf-8"))
    environment = AtariEnvironment()
    result = environment.reset(seed=plan["reset"]["seed"])
    for action in plan["actions"]:
        result = environment.step(action["action_id"])
    assert not result.done


def test_the_front_matter_names_the_port_and_page_of_the_server() -> None:
    head = values(HEAD)
    assert (head["sdk"], head["app_port"], head["base_path"]) == ("docker", "8000", "/web")
    assert len(head["short_description"]) <= 60
    assert "- openenv\n" in HEAD
