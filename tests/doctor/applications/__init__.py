"""What to write in which application."""
