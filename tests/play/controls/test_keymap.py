"""Keys have defaults, a key file changes them, and a mistake in it is reported in one line."""

import re
import subprocess
import sys
from pathlib import Path

import pygame
import pytest

from atari_cli.config import keys_file
from atari_cli.errors import InvalidSetting
from atari_cli.play.controls.keymap import ACTIONS, DEFAULTS, NAMES, Keymap, load_keymap
from atari_cli.play.interface import Command, Control

PAGE = (Path(__file__).parents[3] / "docs" / "play.md").read_text("utf-8")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "keys.toml"


def test_every_control_and_command_has_a_key_and_no_key_has_two_functions() -> None:
    assert set(DEFAULTS["keys"]) == set(ACTIONS.values())
    for entries in DEFAULTS.values():
        names = [name for group in entries.values() for name in group]
        assert len(names) == len(set(names))


def test_keys_are_named_as_pygame_names_them() -> None:
    pygame.display.init()
    try:
        codes = [getattr(pygame, name) for name in dir(pygame) if name.startswith("K_")]
        known = {pygame.key.name(code).lower() for code in codes}
    finally:
        pygame.display.quit()
    assert set(NAMES["keys"]) <= known
    missing = {name for name in known - set(NAMES["keys"]) if len(name) > 1}
    assert missing == {"ac back", "currencysubunit"}, "keys that exist only on telephones"


def test_the_defaults_can_be_written_as_a_key_file(file: Path) -> None:
    lines = []
    for section, entries in DEFAULTS.items():
        lines.append(f"[{section}]")
        lines += [f"{action.value} = {list(names)}" for action, names in entries.items()]
    file.write_text("\n".join(lines))
    assert load_keymap(file) == Keymap()


def test_an_entry_replaces_only_the_keys_of_its_control(file: Path) -> None:
    file.write_text(
        '[keys]\nfire = ["q", "Left Ctrl"]\nvideo = []\n[pad]\npause = "back"\nnew_game = "start"\n'
    )
    keymap = load_keymap(file)
    assert keymap.keys_of(Control.FIRE) == ("q", "left ctrl", "pad a", "pad b", "mouse left")
    assert keymap.keys_of(Command.VIDEO) == ()
    assert keymap.keys_of(Command.PAUSE) == ("p", "pad back")
    assert keymap.keys_of(Control.UP) == Keymap().keys_of(Control.UP)
    assert "space" not in keymap.actions


def test_any_character_can_be_a_key(file: Path) -> None:
    file.write_text('[keys]\nfire = ["ö", "É", "€"]\n', "utf-8")
    assert load_keymap(file).keys_of(Control.FIRE)[:3] == ("ö", "é", "€")


def test_stick_and_paddle_have_settings(file: Path) -> None:
    assert (Keymap().dead_zone, Keymap().mouse, Keymap().stick) == (0.3, True, True)
    file.write_text("[stick]\ndead_zone = 0\n[paddle]\nmouse = false\n")
    keymap = load_keymap(file)
    assert (keymap.dead_zone, keymap.mouse, keymap.stick) == (0.0, False, True)


def test_without_a_file_the_defaults_apply() -> None:
    file = keys_file()
    assert file
    assert not file.exists()
    assert load_keymap(None) == Keymap()


def test_the_key_file_of_the_user_is_found() -> None:
    file = keys_file()
    assert file
    file.parent.mkdir(parents=True)
    file.write_text('[keys]\npause = "q"\n')
    assert load_keymap(None).keys_of(Command.PAUSE) == ("q", "pad start")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[keys]\nfire = space", "Invalid value (at line 2, column 8)"),
        ('[keys]\nfire = "a"\nfire = "b"\n', "(at line 3, column 11)"),
        ('[key]\nfire = "q"', "section: unknown name 'key'; did you mean keys?"),
        ("keys = 3", "expected a table [keys], got 3"),
        ('[keys]\nfiire = "q"', "[keys]: unknown name 'fiire'; did you mean fire?"),
        ('[keys]\nfast-forward = "q"', "did you mean fast_forward?"),
        ('[keys]\nfire = "spcae"', "[keys] fire: unknown name 'spcae'; did you mean space?"),
        ('[keys]\nfire = " "', "[keys] fire: unknown name ' '; expected one of up, down,"),
        ("[keys]\nfire = 3", "[keys] fire: expected a name or a list of names, got 3"),
        ("[keys]\nfire = [3]", "[keys] fire: expected a name or a list of names, got [3]"),
        ('[pad]\nfire = "A1"', "[pad] fire: unknown name 'a1'; did you mean a?"),
        (
            '[keys]\nfire = "p"',
            "[keys] fire: 'p' is pause already by default; give pause another, or []",
        ),
        ('[keys]\nsave = "q"\nload = "Q"', "[keys] load: 'q' is save already"),
        ("[stick]\ndead_zone = 1.0", "[stick] dead_zone: expected a number from 0 to 0.99, got 1"),
        ("[stick]\ndead_zone = nan", "[stick] dead_zone: expected a number from 0 to 0.99"),
        ("[stick]\ndead_zone = true", "[stick] dead_zone: expected a number from 0 to 0.99"),
        ("[stick]\ndeadzone = 0.1", "[stick]: unknown name 'deadzone'; did you mean dead_zone?"),
        ("[paddle]\nmouse = 1", "[paddle] mouse: expected true or false, got 1"),
        ("[paddle]\nmice = true", "[paddle]: unknown name 'mice'"),
        ("[stick]\ndead_zone = 1" + "0" * 5000, "key file"),
        ("x = " + "[" * 5000, "key file"),
    ],
)
def test_a_mistake_is_reported_in_one_line_with_file_and_entry(
    file: Path, text: str, expected: str
) -> None:
    file.write_text(text)
    with pytest.raises(InvalidSetting) as caught:
        load_keymap(file)
    message = str(caught.value)
    assert expected in message
    assert message.startswith(f"key file {file}: ")
    assert "\n" not in message
    assert len(message) < 1000


def test_an_unreadable_file_is_named(file: Path) -> None:
    with pytest.raises(InvalidSetting, match=r"keys\.toml: No such file"):
        load_keymap(file)
    with pytest.raises(InvalidSetting, match="key file .*: (Is a directory|Permission denied)"):
        load_keymap(file.parent)
    file.write_bytes(b"[keys]\nfire = '\xff'")
    with pytest.raises(InvalidSetting, match=r"keys\.toml: expected TOML in UTF-8"):
        load_keymap(file)


def test_the_documented_table_lists_the_defaults() -> None:
    lines = re.findall(r"^\|[^|]*\| `(\w+)` \|(.*)\|$", PAGE, re.MULTILINE)
    cells = {
        name: [re.findall("`(.+?)`", cell) for cell in rest.split("|")] for name, rest in lines
    }
    assert cells == {
        name: [list(DEFAULTS[section].get(action, ())) for section in ("keys", "pad", "mouse")]
        for name, action in ACTIONS.items()
    }


def test_the_documented_example_is_a_valid_key_file(file: Path) -> None:
    [example] = re.findall(r"```toml\n(.+?)```", PAGE, re.DOTALL)
    file.write_text(example)
    keymap = load_keymap(file)
    assert keymap.keys_of(Command.TAKE_OVER) == ("tab", "pad x")
    assert (keymap.dead_zone, keymap.stick) == (0.2, False)


def test_reading_key_files_loads_neither_pygame_nor_ale() -> None:
    code = (
        "import sys, atari_cli.play.controls.keymap;"
        "print({'pygame', 'ale_py'} & sys.modules.keys())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"
