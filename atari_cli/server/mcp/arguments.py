"""What the tools take, as models that pydantic reads and describes."""

from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field

MOST_SCALE: Final = 4
MOST_PRESSES: Final = 100
MOST_STEPS: Final = 10_000
"""Of one press: at four frames a step, eleven minutes of play."""

MOST_LETTERS: Final = 200
"""Of a name, a query or an id."""

_Text = Annotated[str, Field(max_length=MOST_LETTERS)]
_Game = Annotated[str, Field(max_length=MOST_LETTERS, description="A game in any spelling.")]
_Slot = Annotated[str, Field(min_length=1, max_length=40, description="A name for the moment.")]


class Arguments(BaseModel):
    """Arguments of a tool; a name that it does not have is a mistake."""

    model_config = ConfigDict(extra="forbid")


class ListGames(Arguments):
    """What `list_games` takes."""

    search: Annotated[_Text, Field(description="Part of a title, id or publisher.")] = ""
    max_actions: Annotated[
        int | None, Field(ge=1, le=18, description="Only games with at most so many actions.")
    ] = None


class GameInfo(Arguments):
    """What `game_info` takes."""

    game: _Game


class InSession(Arguments):
    """What every tool takes that is about a game being played."""

    session_id: Annotated[
        _Text | None,
        Field(description="What new_game returned; leave it out if your client keeps a session."),
    ] = None


class Shown(InSession):
    """What a tool takes that can show the screen as well."""

    with_screen: Annotated[bool, Field(description="Return the picture as well.")] = False


class NewGame(Shown):
    """What `new_game` takes; what is left out is as the server has it."""

    game: _Game
    seed: Annotated[
        int | None, Field(ge=0, le=2**63 - 1, description="The same seed is the same game.")
    ] = None
    mode: Annotated[int | None, Field(description="One of game_info's modes.")] = None
    difficulty: Annotated[int | None, Field(description="One of its difficulties.")] = None
    frameskip: Annotated[
        int | None, Field(ge=1, le=1000, description="Frames of a step; 60 frames are a second.")
    ] = None
    repeat_action_probability: Annotated[
        float | None,
        Field(ge=0, le=1, description="Chance that a frame repeats the action before."),
    ] = None
    full_action_space: Annotated[
        bool | None, Field(description="All actions of the joystick, not just the game's.")
    ] = None
    noop_max: Annotated[
        int | None, Field(ge=0, le=1000, description="Start with 1 to so many frames of NOOP.")
    ] = None
    max_frames: Annotated[
        int | None, Field(ge=0, le=2**31 - 1, description="The game is cut there; 0 is never.")
    ] = None


class Pressed(Arguments):
    """One action, held for some steps."""

    action: Annotated[
        str, Field(max_length=MOST_LETTERS, description="A name, such as NOOP, FIRE or UPLEFT.")
    ]
    steps: Annotated[int, Field(ge=1, le=MOST_STEPS, description="How long it is held.")] = 1


class Press(Shown):
    """What `press` takes."""

    actions: Annotated[
        list[Pressed],
        Field(
            min_length=1,
            max_length=MOST_PRESSES,
            description="Played one after another, such as "
            '[{"action": "RIGHT", "steps": 10}, {"action": "FIRE"}].',
        ),
    ]


class Screen(InSession):
    """What `screen` takes."""

    scale: Annotated[
        int, Field(ge=1, le=MOST_SCALE, description="Pixels of the picture per pixel.")
    ] = 2


class SaveState(InSession):
    """What `save_state` takes."""

    name: _Slot = "quick"


class RestoreState(Shown):
    """What `restore_state` takes."""

    name: _Slot = "quick"
