"""What distribution does."""
