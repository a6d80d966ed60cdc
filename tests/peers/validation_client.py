"""OpenEnv's runtime validation of a server that runs already; prints the checks as JSON.

    python validation_client.py URL FOLDER

The validator builds an image and starts it by a provider, of which there is one, Docker's. This one
builds nothing and starts nothing: the collector and the graders meet the given server. What only a
sandbox can measure, the network policy, is skipped.
"""

import json
import sys
from pathlib import Path
from typing import Any

from openenv.validation import Level, run_validation
from openenv.validation.types import ProviderCapability


class Running:
    """The server as a started subject."""

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url

    def inspect(self) -> dict[str, Any]:
        return {}

    def logs(self, max_bytes: int = 65536) -> str:
        return ""

    def stop(self) -> None:
        pass


class Provider:
    """What is asked to build and to start."""

    name = "already running"
    capabilities = frozenset({ProviderCapability.IMAGE_BUILD})
    supported_network_modes = frozenset({"no-network", "public"})

    def __init__(self, base_url: str) -> None:
        self._base_url = base_url

    def build(self, root: Path, execution: Any) -> str:
        return "sha256:" + "0" * 64

    def start(self, spec: Any) -> Running:
        return Running(self._base_url)


if __name__ == "__main__":
    url, folder = sys.argv[1:]
    report = run_validation(Path(folder), max_level=Level.RUNTIME, provider=Provider(url))
    results = json.loads(report.model_dump_json())
    print(json.dumps(results))
