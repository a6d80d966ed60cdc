"""Runs cases of MCP's own client and OpenEnv's at a server; prints their results as JSON.

python mcp_client.py '{"NAME": ["CASE", "URL or program", …], …}'
"""

import asyncio
import json
import sys
from base64 import b64decode
from collections.abc import Callable
from typing import Any

import httpx
from mcp import ClientSession, McpError, StdioServerParameters
from mcp.client.stdio import stdio_client
from mcp.client.streamable_http import streamable_http_client
from openenv.core.mcp_client import MCPToolClient

PNG = b"\x89PNG\r\n"


async def episode(streams: Any) -> dict[str, Any]:
    """List the tools, try invalid calls, then play a game to its end with a few screenshots."""
    async with ClientSession(streams[0], streams[1]) as session:
        begun = await session.initialize()
        await session.send_ping()
        tools = await session.list_tools()
        early = await session.call_tool("status", {})
        wrong = await session.call_tool("press", {"actions": []})
        return {
            "server": begun.serverInfo.name,
            "version": begun.protocolVersion,
            "instructions": begun.instructions,
            "tools": [tool.name for tool in tools.tools],
            "titles": [tool.title for tool in tools.tools],
            "early": [early.isError, early.content[0].text],
            "wrong": [wrong.isError, wrong.content[0].text],
            "unknown": await refusal(session.call_tool("reset", {})),
            **await game(session),
        }


async def game(session: ClientSession) -> dict[str, Any]:
    """Play Pong to its end; the client checks each result against the tool's schema."""
    start = await session.call_tool("new_game", {"game": "pong", "seed": 1, "frameskip": 8})
    played: list[Any] = []
    screens: list[Any] = []
    while not played or not played[-1]["terminated"]:
        pressed = await session.call_tool("press", {"actions": [{"action": "FIRE", "steps": 100}]})
        played.append(pressed.structuredContent)
        picture = (await session.call_tool("screen", {"scale": 1})).content[1]
        assert picture.mimeType == "image/png"
        screens.append(b64decode(picture.data).startswith(PNG))
    after = await session.call_tool("press", {"actions": [{"action": "FIRE"}]})
    return {
        "start": start.structuredContent,
        "last": played[-1],
        "rewards": sum(part["reward"] for part in played),
        "screens": screens,
        "after": [after.isError, after.content[0].text],
    }


async def refusal(call: Any) -> str:
    try:
        await call
    except McpError as error:
        return str(error)
    raise AssertionError("there was no error")


def http(url: str, token: str = "") -> Any:
    async def play() -> Any:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        async with (
            httpx.AsyncClient(headers=headers, timeout=60) as client,
            streamable_http_client(f"{url}/mcp", http_client=client) as streams,
        ):
            return await episode(streams)

    return asyncio.run(play())


def stdio(program: str, folder: str) -> Any:
    async def play() -> Any:
        arguments = ["-m", "atari_cli", "mcp", "--log-level", "debug"]
        variables = {"PYTHONPATH": folder}
        parameters = StdioServerParameters(command=program, args=arguments, env=variables)
        async with stdio_client(parameters) as streams:
            return await episode(streams)

    return asyncio.run(play())


def openenv(url: str) -> Any:
    """OpenEnv's client resets over a WebSocket and calls tools over HTTP, in one session."""
    with MCPToolClient(base_url=url).sync() as client:
        tools = {tool.name: tool for tool in client.list_tools()}
        client.reset(seed=5)
        status = client.call_tool("status")
        new = client.call_tool("new_game", game="breakout", seed=2)
        pressed = client.call_tool("press", actions=[{"action": "FIRE", "steps": 3}])
        return {
            "tools": list(tools),
            "schema": tools["press"].input_schema["required"],
            "status": status["structuredContent"],
            "new": new["structuredContent"],
            "pressed": pressed["structuredContent"],
            "state": client.state().step_count,
            "screen": client.call_tool("screen")["content"][1]["mimeType"],
            "wrong": client.call_tool("press", actions=[])["isError"],
            "unknown": message_of(client.call_tool, "step"),
        }


def message_of(call: Callable[..., object], *given: object) -> str:
    try:
        call(*given)
    except RuntimeError as error:
        return str(error)
    raise AssertionError("there was no error")


if __name__ == "__main__":
    cases = json.loads(sys.argv[1])
    print(json.dumps({name: globals()[case](*given) for name, (case, *given) in cases.items()}))
