"""What is pressed, and what it means."""
