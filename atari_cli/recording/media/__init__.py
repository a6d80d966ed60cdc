"""Video and sound of an episode."""
