"""Files of the player: slots, high scores, screenshots and videos."""
