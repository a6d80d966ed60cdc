"""The OpenAPI document lists what there is."""

from atari_cli.config import ServeConfig
from atari_cli.server.routes.endpoints import ROUTES
from atari_cli.server.routes.openapi import openapi

PRODUCTION = ServeConfig(mode="production")


def test_production_has_no_steps() -> None:
    simulation, production = openapi(ServeConfig())["paths"], openapi(PRODUCTION)["paths"]
    assert set(simulation) - set(production) == {"/reset", "/step", "/state"}


def test_the_version_is_that_of_the_contract() -> None:
    assert openapi(ServeConfig())["info"] == {
        "title": "OpenEnv Environment HTTP API",
        "version": "1.0.0",
    }


def test_every_reference_leads_somewhere() -> None:
    document = openapi(ServeConfig())

    def references(part: object) -> set[str]:
        if isinstance(part, dict):
            own = {part["$ref"]} if "$ref" in part else set()
            return own.union(*(references(value) for value in part.values()))
        return (
            set().union(*(references(value) for value in part)) if isinstance(part, list) else set()
        )

    found = references(document)
    assert found
    for reference in found:
        name = reference.removeprefix("#/components/schemas/")
        assert name in document["components"]["schemas"]


def test_only_a_server_with_a_token_asks_for_it_but_for_its_health() -> None:
    assert "security" not in openapi(ServeConfig())
    document = openapi(ServeConfig(token="t"))
    assert document["security"] == [{"bearer": []}, {"basic": []}]
    assert document["paths"]["/health"]["get"]["security"] == []


def test_every_operation_is_a_route() -> None:
    routes = {
        (method, path.replace("(?P<identity>[^/]+)", "{identity}")) for method, path, *_ in ROUTES
    }
    paths = openapi(ServeConfig())["paths"]
    assert {(method.upper(), path) for path, item in paths.items() for method in item} <= routes
