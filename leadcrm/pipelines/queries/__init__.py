"""What the board asks."""
