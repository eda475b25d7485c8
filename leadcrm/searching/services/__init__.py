"""What searching does."""
