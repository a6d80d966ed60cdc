"""The OpenAPI document describes every route of the server, and nothing else."""

import pytest

from atari_cli.config import ServeConfig
from atari_cli.server.routes.openapi import openapi
from atari_cli.server.routes.table import ROUTES

WEBLESS = ServeConfig(web=False)
PRODUCTION = ServeConfig(mode="production")


def test_production_mode_has_no_steps() -> None:
    simulation, production = (
        openapi(ROUTES, ServeConfig())["paths"],
        openapi(ROUTES, PRODUCTION)["paths"],
    )
    assert set(simulation) - set(production) == {"/reset", "/step", "/state"}


def test_the_document_has_the_version_of_the_contract() -> None:
    assert openapi(ROUTES, ServeConfig())["info"] == {
        "title": "OpenEnv Environment HTTP API",
        "version": "1.0.0",
    }


def test_every_reference_can_be_resolved() -> None:
    document = openapi(ROUTES, ServeConfig())

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


def test_only_a_server_with_a_token_requires_it_except_for_health() -> None:
    assert "security" not in openapi(ROUTES, ServeConfig())
    document = openapi(ROUTES, ServeConfig(token="t"))
    assert document["security"] == [{"bearer": []}, {"basic": []}]
    assert document["paths"]["/health"]["get"]["security"] == []


@pytest.mark.parametrize("config", [ServeConfig(), PRODUCTION, WEBLESS], ids=str)
def test_every_route_is_an_operation_and_every_operation_is_a_route(config: ServeConfig) -> None:
    paths = openapi(ROUTES, config)["paths"]
    operations = [(method.upper(), path) for path, item in paths.items() for method in item]
    served = [(route.method, route.path) for route in ROUTES if route.is_served(config)]
    assert sorted(operations) == sorted(served)


def test_the_page_of_the_api_lists_every_route() -> None:
    # It shows, group by group, the operations of the document.
    document = openapi(ROUTES, ServeConfig())
    groups = {tag["name"] for tag in document["tags"]}
    shown = [
        f"{method.upper()} {path}"
        for path, item in document["paths"].items()
        for method, operation in item.items()
        if groups & set(operation["tags"])
    ]
    assert sorted(shown) == sorted(route.name for route in ROUTES)


def test_every_operation_is_described_with_an_example_of_each_reply() -> None:
    paths = openapi(ROUTES, ServeConfig())["paths"]
    operations = [operation for item in paths.values() for operation in item.values()]
    assert len({operation["operationId"] for operation in operations}) == len(operations)
    for operation in operations:
        assert operation["summary"]
        assert operation["tags"]
        for status, reply in operation["responses"].items():
            described = reply.get("content", {}).get("application/json")
            assert described is None or described["example"] is not None, (operation, status)


def test_every_property_of_every_schema_is_described() -> None:
    schemas = openapi(ROUTES, ServeConfig())["components"]["schemas"]
    properties = {
        f"{model}.{name}": field
        for model, schema in schemas.items()
        for name, field in schema.get("properties", {}).items()
    }
    assert len(properties) > 100
    assert not [name for name, field in properties.items() if not field.get("description")]


def test_examples_are_valid() -> None:
    for route in ROUTES:
        if route.model:
            route.model.model_validate(route.example)
        for reply in route.replies:
            if reply.model:
                reply.model.model_validate(reply.example)
