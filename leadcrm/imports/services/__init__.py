"""What can be done with a file of leads. Start at reading.py."""
