"""Docstrings become descriptions in the API's documentation."""

from atari_cli.wire.descriptions import describe


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
