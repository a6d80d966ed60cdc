"""OpenEnv's newest client: it reads a request per line and prints a JSON reply per line.

A request is `["open", URL]`, `["reset", {…}]`, `["step", ACTION]`, `["state"]` or `["close"]`. A
reply is the result of the client, or `{"refused": …}` with the message of its exception.
"""

import json
import sys
from typing import Any

from openenv.core import GenericEnvClient


class Player:
    """One client after another."""

    def open(self, url: str) -> None:
        self._client = GenericEnvClient(base_url=url).sync()
        self._client.connect()

    def reset(self, options: dict[str, Any]) -> dict[str, Any]:
        return told(self._client.reset(**options))

    def step(self, action: int) -> dict[str, Any]:
        return told(self._client.step({"action_id": action}))

    def state(self) -> Any:
        return self._client.state()

    def close(self) -> None:
        self._client.close()


def told(result: Any) -> dict[str, Any]:
    return {"observation": result.observation, "reward": result.reward, "done": result.done}


def main() -> None:
    player = Player()
    for line in sys.stdin:
        kind, *arguments = json.loads(line)
        try:
            reply = getattr(player, kind)(*arguments)
        except RuntimeError as error:
            reply = {"refused": str(error)}
        print(json.dumps(reply), flush=True)


if __name__ == "__main__":
    main()
