"""What makes the demonstration. Start at seeding.py; what is made up stands in households.py and below it."""
