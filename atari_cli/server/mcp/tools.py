"""The table of all tools that a model is offered.

OpenEnv reserves the names reset, step, state and close.
"""

from typing import Final

from atari_cli.server.mcp.tools_games import game_info, list_games
from atari_cli.server.mcp.tools_play import (
    new_game,
    press,
    restore_state,
    save_state,
    screen,
    status,
)

TOOLS: Final = {
    tool.name: tool
    for tool in (
        *(list_games, game_info, new_game, press),
        *(screen, status, save_state, restore_state),
    )
}
"""The tools by name."""
