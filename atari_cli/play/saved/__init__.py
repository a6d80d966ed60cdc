"""What stays on disk: slots, high scores, screenshots and videos."""
