"""The server describes itself as OpenEnv's contract requires."""

from tests.server.conftest import Ways


def test_a_healthy_server_says_so(ways: Ways) -> None:
    assert ways.ask("GET", "/health")[::2] == (200, {"status": "healthy"})


def test_metadata_has_six_keys(ways: Ways) -> None:
    keys = {"name", "description", "readme_content", "version", "author", "documentation_url"}
    reply = ways.ask("GET", "/metadata").body
    assert reply.keys() == keys
    assert reply["name"] == "atari_env"
    assert reply["readme_content"].startswith("# atari\n")


def test_schemas_are_closed_and_require_an_action_id(ways: Ways) -> None:
    schemas = ways.ask("GET", "/schema").body
    assert schemas.keys() == {"action", "observation", "state"}
    assert schemas["action"]["required"] == ["action_id"]
    assert schemas["action"]["additionalProperties"] is False
    assert {"done", "reward", "screen"} <= schemas["observation"]["properties"].keys()
