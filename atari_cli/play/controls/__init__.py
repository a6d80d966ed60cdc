"""Keys, gamepads and mouse, and what they do."""
