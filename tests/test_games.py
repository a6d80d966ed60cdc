"""The catalogue agrees with ALE, and a game can be found by any of its names."""

import csv
import hashlib
import json
import subprocess
import sys
from pathlib import Path

import ale_py
import gymnasium
import numpy as np
import pytest

from atari_cli import games
from atari_cli.errors import EmulatorError, MissingDependency, UnknownGame
from atari_cli.games import Game, find_game
from scripts import make_catalogue

ROMS = Path(ale_py.__file__).parent / "roms"
SCORES = Path(make_catalogue.__file__).parent / "atari57_scores.csv"

# Both systems, all heights, paddles, 9 actions, modes that start at another number than 0,
# a default difficulty that cannot be set, odd colours, and lives that are set only by the reset.
SAMPLE = {
    *("adventure", "air_raid", "amidar", "backgammon", "breakout", "carnival", "defender"),
    *("keystone_kapers", "journey_escape", "lost_luggage", "ms_pacman", "pong", "pooyan", "tetris"),
}
each_game = pytest.mark.parametrize(
    "game",
    [
        pytest.param(game, id=game.id, marks=() if game.id in SAMPLE else pytest.mark.slow)
        for game in games.all_games()
    ],
)


def boot(game: Game) -> ale_py.ALEInterface:
    ale_py.ALEInterface.setLoggerMode(ale_py.LoggerMode.Error)
    ale = ale_py.ALEInterface()
    ale.setFloat("repeat_action_probability", 0.0)
    ale.loadROM(ROMS / f"{game.id}.bin")
    ale.reset_game()
    return ale


@each_game
def test_the_catalogue_agrees_with_ale(game: Game) -> None:
    ale = boot(game)
    state = ale.cloneState()
    assert game.md5 == hashlib.md5((ROMS / f"{game.id}.bin").read_bytes()).hexdigest()
    assert game.minimal_actions == tuple(action.value for action in ale.getMinimalActionSet())
    assert game.legal_actions == tuple(action.value for action in ale.getLegalActionSet())
    assert game.modes == tuple(ale.getAvailableModes())
    assert game.difficulties == tuple(ale.getAvailableDifficulties())
    assert (game.default_mode, game.default_difficulty) == (
        state.getCurrentMode(),
        state.getDifficulty(),
    )
    assert (game.height, game.width) == ale.getScreenDims()
    assert game.lives == ale.lives()


@each_game
def test_the_palettes_give_the_colours_of_ale(game: Game) -> None:
    ale = boot(game)
    rgb, gray = games.palette(game.tv), games.gray_palette(game.tv)
    generator = np.random.default_rng(0)
    for frame in range(300):
        ale.act(int(generator.choice(game.legal_actions)))
        if ale.game_over():
            ale.reset_game()
        if frame % 10 == 0:
            screen = ale.getScreen()
            assert np.array_equal(rgb[screen], ale.getScreenRGB())
            assert np.array_equal(gray[screen], ale.getScreenGrayscale())


@pytest.mark.slow
def test_the_script_finds_no_difference_between_the_catalogue_and_ale() -> None:
    done = subprocess.run(
        [sys.executable, make_catalogue.__file__, "--check"], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout


def test_the_script_reports_differences() -> None:
    palettes = {"NTSC": {"rgb": ["00"]}}
    found = {"games": [{"id": "pong", "lives": 3}, {"id": "chess"}], "palettes": palettes}
    expected = {"games": [{"id": "pong", "lives": 0}, {"id": "new"}], "palettes": {}}
    assert list(make_catalogue.compare(found, found)) == []
    assert list(make_catalogue.compare(found, expected)) == [
        "pong: lives is 3, ALE has 0",
        "new: id is None, ALE has new",
        "chess: not a game of ALE",
        "the palettes differ from ALE's",
    ]


@pytest.mark.parametrize(
    ("cartridge", "title", "year", "publisher"),
    [
        ("Pitfall! (1982) (Activision) [!]", "Pitfall!", 1982, "Activision"),
        ("Adventure (1978) (Atari) (PAL) [!]", "Adventure", 1978, "Atari"),
        ("Poker Plus (AKA Casino) (1978) (Sears) [!]", "Poker Plus", 1978, "Sears"),
        ("Demon Attack (1982) (Imagic w-Picture Label) [!]", "Demon Attack", 1982, "Imagic"),
        ("Space War (32-in-1) (Atari) (PAL) [!]", "Space War", None, "Atari"),
        ("Donkey Kong (198x)", "Donkey Kong", None, None),
        ("Asteroids [p1]", "Asteroids", None, None),
        ("road_runner", "Road Runner", None, None),
    ],
)
def test_the_script_reads_the_names_of_cartridges(
    cartridge: str, title: str, year: int | None, publisher: str | None
) -> None:
    parsed = make_catalogue.parse_cartridge(cartridge, "road_runner")
    assert parsed == {"title": title, "year": year, "publisher": publisher}


def test_the_catalogue_has_every_rom_of_ale_except_those_for_two_players() -> None:
    ids = [game.id for game in games.all_games()]
    shipped = {path.stem for path in ROMS.glob("*.bin")}
    assert ids == sorted(shipped - set(games.TWO_PLAYER_ROMS))
    assert set(games.TWO_PLAYER_ROMS) < shipped
    assert len(ids) == 104


def test_paddles_players_and_frame_rates_are_correct() -> None:
    paddles = {game.id for game in games.all_games() if game.uses_paddles}
    assert paddles == {"backgammon", "blackjack", "breakout", "casino", "kaboom", "pong"}
    assert find_game("pong").players == 4
    assert find_game("space_invaders").players == 2
    assert find_game("montezuma_revenge").players == 1
    assert {game.fps for game in games.all_games() if game.height == 250} == {50}
    assert {game.fps for game in games.all_games() if game.height != 250} == {60}


def test_the_reference_scores_are_those_of_the_57_games_in_the_file() -> None:
    with SCORES.open(encoding="utf-8", newline="") as file:
        rows = {row["rom_id"]: row for row in csv.DictReader(file)}
    scored = {game.id: game for game in games.all_games() if game.random_score is not None}
    assert len(rows) == 57
    assert scored.keys() == rows.keys()
    for name, row in rows.items():
        assert scored[name].random_score == float(row["random"])
        assert scored[name].human_score == float(row["human"])


def test_a_human_score_is_normalised_to_one_and_a_random_score_to_zero() -> None:
    pong = find_game("pong")
    assert pong.random_score == -20.7
    assert pong.human_score == 14.6
    assert games.human_normalised(pong, 14.6) == 1.0
    assert games.human_normalised(pong, -20.7) == 0.0
    assert games.human_normalised(pong, 21.0) == pytest.approx(41.7 / 35.3)
    assert games.human_normalised(find_game("adventure"), 1.0) is None


@pytest.mark.parametrize(
    ("rom_id", "name"),
    [
        ("pong", "Pong (Video Olympics)"),
        ("basic_math", "Basic Math (Fun with Numbers)"),
        ("breakout", "Breakout - Breakaway IV"),
        ("et", "E.T. The Extra-Terrestrial"),
        ("pitfall2", "Pitfall II - Lost Caverns"),
    ],
)
def test_a_game_is_shown_under_the_name_that_players_know(rom_id: str, name: str) -> None:
    assert find_game(rom_id).display_name == name


def test_a_game_as_json_has_all_its_facts() -> None:
    facts = json.loads(json.dumps(find_game("adventure").as_json()))
    assert (facts["id"], facts["title"], facts["tv"], facts["fps"]) == (
        "adventure",
        "Adventure",
        "PAL",
        50,
    )
    assert facts["display_name"] == "Adventure"
    assert facts["gymnasium_id"] == "ALE/Adventure-v5"
    assert facts["modes"] == [0, 1, 2]
    assert facts["human_score"] is None


@pytest.mark.parametrize(
    ("name", "rom_id"),
    [
        ("ms_pacman", "ms_pacman"),
        ("MsPacman", "ms_pacman"),
        ("ALE/MsPacman-v5", "ms_pacman"),
        ("ale/mspacman-V5", "ms_pacman"),
        ("MsPacmanNoFrameskip-v4", "ms_pacman"),
        ("MsPacmanDeterministic-v0", "ms_pacman"),
        ("MsPacman-ram-v4", "ms_pacman"),
        ("MsPacman-ramNoFrameskip-v4", "ms_pacman"),
        ("Ms. Pac-Man", "ms_pacman"),
        ("  ms-pacman ", "ms_pacman"),
        ("Space Invaders", "space_invaders"),
        ("SPACE INVADERS", "space_invaders"),
        ("Q*bert", "qbert"),
        ("H.E.R.O.", "hero"),
        ("Montezuma's Revenge", "montezuma_revenge"),
        ("Montezuma's Revenge - Starring Panama Joe", "montezuma_revenge"),
        ("Video Olympics", "pong"),
        ("Pitfall II", "pitfall2"),
        ("ALE/TicTacToe3D-v5", "tic_tac_toe_3d"),
    ],
)
def test_a_game_can_be_found_in_any_spelling(name: str, rom_id: str) -> None:
    assert find_game(name).id == rom_id


def test_every_game_can_be_found_by_its_id_title_and_gymnasium_id() -> None:
    for game in games.all_games():
        assert find_game(game.id) is game
        assert find_game(game.title) is game
        assert find_game(game.title.upper()) is game
        assert find_game(game.display_name) is game
        assert find_game(game.gymnasium_id) is game


def test_no_spelling_is_ambiguous() -> None:
    owners: dict[str, str] = {}
    for game in games.all_games():
        for name in (game.id, game.title, game.title.split(" - ")[0], game.display_name):
            assert owners.setdefault(name.casefold().replace(" ", "_"), game.id) == game.id


def test_every_atari_id_of_gymnasium_finds_its_game() -> None:
    gymnasium.register_envs(ale_py)
    specs = [
        spec for spec in gymnasium.registry.values() if spec.entry_point == "ale_py.env:AtariEnv"
    ]
    assert {game.gymnasium_id for game in games.all_games()} <= {spec.id for spec in specs}
    assert {spec.id: find_game(spec.id).id for spec in specs} == {
        spec.id: spec.kwargs["game"] for spec in specs
    }


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("pnog", "; did you mean pong?"),
        ("brekout", "; did you mean breakout?"),
        ("mario", "; did you mean mario_bros or mr_do?"),
        ("tetriss", "; did you mean tetris, asteroids or tennis?"),
        ("zzz", ";"),
    ],
)
def test_the_error_for_an_unknown_game_suggests_up_to_three_near_names(
    name: str, hint: str
) -> None:
    with pytest.raises(UnknownGame) as caught:
        find_game(name)
    assert str(caught.value) == f"no game is called '{name}'{hint} `atari games` lists all"


def test_values_that_are_not_names_of_games_are_refused() -> None:
    for wrong in (5, None, ["pong"], "pong" * 100):
        with pytest.raises(UnknownGame, match="a name of up to 200 characters") as caught:
            find_game(wrong)  # type: ignore[arg-type]
        assert len(str(caught.value)) < 300


@pytest.mark.parametrize("name", ["", "…", "0", "x" * 500, "ALE/-v5", "pong\nbreakout"])
def test_a_strange_name_is_reported_as_unknown_in_one_line(name: str) -> None:
    with pytest.raises(UnknownGame) as caught:
        find_game(name)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["combat", "Joust", "ALE/MazeCraze-v5", "warlords"])
def test_a_game_for_two_players_is_refused_with_the_reason(name: str) -> None:
    with pytest.raises(UnknownGame, match="needs two players, but ALE plays with one"):
        find_game(name)


def test_a_search_covers_id_title_and_publisher() -> None:
    assert [game.id for game in games.search_games("PAC-MAN")] == ["ms_pacman", "pacman"]
    assert [game.id for game in games.search_games("olympics")] == ["pong"]
    assert "pitfall" in [game.id for game in games.search_games("activision")]
    assert games.search_games("") == list(games.all_games())
    assert games.search_games("zelda") == []
    assert games.search_games("[") == []


def test_a_rom_comes_from_ale_py_and_nothing_is_printed(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("ALE_ROMS_DIR", raising=False)
    assert games.rom_path(find_game("pong")) == ROMS / "pong.bin"
    assert capfd.readouterr() == ("", "")


def test_a_rom_comes_from_ale_roms_dir_if_it_is_set(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ALE_ROMS_DIR", str(tmp_path))
    copy = tmp_path / "pong.bin"
    copy.write_bytes((ROMS / "pong.bin").read_bytes())
    assert games.rom_path(find_game("pong")) == copy
    assert capfd.readouterr() == ("", "")


def test_the_error_for_a_missing_rom_names_the_file_and_the_remedy(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("ALE_ROMS_DIR", str(tmp_path / "nowhere"))
    with pytest.raises(EmulatorError, match=r"nowhere.pong\.bin: .*; unset ALE_ROMS_DIR"):
        games.rom_path(find_game("pong"))


def test_the_error_for_a_different_rom_names_both_digests_and_the_remedy(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("ALE_ROMS_DIR", str(tmp_path))
    (tmp_path / "pong.bin").write_bytes(b"not pong")
    digest = hashlib.md5(b"not pong").hexdigest()
    pong = find_game("pong")
    with pytest.raises(EmulatorError, match=rf"{digest}, expected {pong.md5}; unset ALE_ROMS_DIR"):
        games.rom_path(pong)


def test_without_ale_py_the_error_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ALE_ROMS_DIR", raising=False)
    monkeypatch.setitem(sys.modules, "ale_py", None)
    with pytest.raises(MissingDependency, match="pip install ale-py"):
        games.rom_path(find_game("pong"))


@pytest.mark.parametrize("tv", ["NTSC", "PAL"])
def test_palettes_are_read_only_and_created_once(tv: str) -> None:
    rgb, gray = games.palette(tv), games.gray_palette(tv)
    assert (rgb.shape, gray.shape) == ((256, 3), (256,))
    assert rgb.dtype == gray.dtype == np.uint8
    assert not rgb.flags.writeable
    assert not gray.flags.writeable
    assert games.palette(tv) is rgb
    assert games.gray_palette(tv) is gray


@pytest.mark.parametrize("tv", ["NTSC", "PAL"])
def test_gray_follows_from_the_colours_as_documented(tv: str) -> None:
    rgb, gray = games.palette(tv), games.gray_palette(tv)
    assert np.array_equal(gray[::2], np.rint(rgb[::2] @ np.array([0.2989, 0.587, 0.114])))
    assert np.array_equal(gray[1:255:2], rgb[2::2, 2])
    assert np.array_equal(rgb[1::2], np.repeat(gray[::2, None], 3, axis=1))


def test_listing_the_games_loads_neither_numpy_nor_ale() -> None:
    code = (
        "import sys; from atari_cli import games; "
        "games.rom_path(games.find_game('pong')); print(len(games.all_games())); "
        "print(*{'numpy', 'ale_py', 'gymnasium'} & sys.modules.keys())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "104\n\n"
