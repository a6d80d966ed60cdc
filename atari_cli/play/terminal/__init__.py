"""The terminal, the other front end."""
