"""What distribution reads."""
