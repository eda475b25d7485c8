"""What makes the demonstration. Start at seeding.py; everything that is made up stands in households.py and below it."""
