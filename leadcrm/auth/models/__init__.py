"""What is kept about who may enter. Start at people.py."""
