"""Docstrings become descriptions in the API's documentation."""

from pydantic import BaseModel, ConfigDict, Field

from atari_cli.wire.descriptions import describe, described_by


class Shot:
    """A shot.

    Attributes:
        speed: Pixels per frame; None before it is fired.
        power: Its force.
    """

    @property
    def is_fast(self) -> bool:
        """Whether it is fast."""
        return False


def shoot(direction: str, power: int) -> bool:
    """Fire a shot.

    It flies straight on,
    until it hits.

    Args:
        direction: Where to: one of
            eight.
        power: Its force.

    Returns:
        Whether it hit.
    """
    return bool(direction) and power > 0


def test_a_docstring_has_a_summary_details_and_a_text_about_each_name() -> None:
    found = describe(shoot)
    assert found.summary == "Fire a shot."
    assert found.details == "It flies straight on, until it hits."
    assert found.text == "Fire a shot. It flies straight on, until it hits."
    assert found.items == {"direction": "Where to: one of eight.", "power": "Its force."}


def test_a_one_line_docstring_has_no_details() -> None:
    assert describe(lambda: None) == ("", "", {})
    assert describe(test_a_one_line_docstring_has_no_details) == ("", "", {})


def test_sections_alone_do_not_count_as_details() -> None:
    def fail() -> None:
        """Fail.

        Raises:
            ValueError: Always.
        """

    assert (describe(fail).summary, describe(fail).details) == ("Fail.", "")


def test_a_property_has_a_text_about_it() -> None:
    assert describe(Shot).items["is_fast"] == "Whether it is fast."


def test_a_model_is_described_by_other_classes_where_it_has_no_texts_itself() -> None:
    class Bolt:
        """A bolt.

        Attributes:
            power: Another text.
            length: Its length.
        """

    class Missile(BaseModel):
        """A missile."""

        model_config = ConfigDict(json_schema_extra=described_by(Shot, Bolt))

        speed: int | None
        power: int
        is_fast: bool
        length: int = Field(description="A text of the model.")
        other: int

    schema = Missile.model_json_schema()
    texts = {name: field.get("description") for name, field in schema["properties"].items()}
    assert schema["description"] == "A missile."
    assert texts == {
        "speed": "Pixels per frame; null before it is fired.",
        "power": "Its force.",
        "is_fast": "Whether it is fast.",
        "length": "A text of the model.",
        "other": None,
    }
