"""Pages of trail; routes.py holds the blueprint."""
