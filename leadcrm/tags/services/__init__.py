"""What can be done with tags."""
