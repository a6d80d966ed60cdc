"""Runs OpenEnv's runtime validation on a running server; prints the checks as JSON.

    python validation_client.py URL FOLDER

The validator builds and starts an image with a provider; the only one is Docker's. The provider
here builds and starts nothing, so that the collector and the graders use the given server. The
check of the network policy, which needs a sandbox, is skipped.
"""

import json
import sys
from pathlib import Path
from typing import Any

from openenv.validation import Level, run_validation
from openenv.validation.types import ProviderCapability


class Running:
    """The server as a subject that has started."""

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url

    def inspect(self) -> dict[str, Any]:
        return {}

    def logs(self, max_bytes: int = 65536) -> str:
        return ""

    def stop(self) -> None:
        pass


class Provider:
    """A provider that builds and starts nothing."""

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
