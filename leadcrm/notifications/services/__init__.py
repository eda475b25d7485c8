"""What is done with news."""
