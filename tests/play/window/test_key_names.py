"""Keys are known by their character, or by their place if that has no action."""

import pygame
import pytest

from atari_cli.play.controls.keymap import Keymap
from atari_cli.play.interface import Command, Control
from atari_cli.play.window.key_names import key_name

# Key codes and scancodes of the row `Q W E R` and others, as SDL reports them in each layout.
CYRILLIC = {"r": ("к", 21), "p": ("з", 19), "f": ("а", 9), "w": ("ц", 26), "x": ("ч", 27)}
GREEK = {"r": ("ρ", 21), "p": ("π", 19), "f": ("φ", 9), "a": ("α", 4)}


@pytest.mark.parametrize("layout", [CYRILLIC, GREEK])
def test_a_key_without_an_action_counts_by_its_place(layout: dict[str, tuple[str, int]]) -> None:
    for name, (character, scancode) in layout.items():
        assert key_name(ord(character), scancode, Keymap()) == name


def test_a_key_that_types_a_bound_character_counts_by_it_wherever_it_is() -> None:
    assert key_name(ord("z"), 28, Keymap()) == "z", "a German keyboard, where Y is"
    assert key_name(ord("y"), 29, Keymap()) == "z", "Y has no action"


def test_a_bound_character_of_another_alphabet_is_known_by_name() -> None:
    keymap = Keymap({"з": Command.PAUSE, "p": Command.SAVE})
    assert key_name(ord("з"), 19, keymap) == "з"


@pytest.mark.parametrize(
    ("key", "scancode", "name"),
    [
        (pygame.K_UP, 82, "up"),
        (pygame.K_SPACE, 44, "space"),
        (pygame.K_F5, 62, "f5"),
        (pygame.K_KP_PLUS, 87, "[+]"),
        (pygame.K_MINUS, 45, "-"),
        (pygame.K_LSHIFT, 225, "left shift"),
    ],
)
def test_keys_without_letters_have_their_names(key: int, scancode: int, name: str) -> None:
    assert key_name(key, scancode, Keymap({name: Control.FIRE})) == name


def test_every_letter_digit_and_sign_of_the_defaults_has_a_place() -> None:
    places = {key_name(0x3000, scancode, Keymap()) for scancode in range(4, 57)}
    single = {name for name in Keymap().actions if len(name) == 1} - {"+"}
    assert single <= places
