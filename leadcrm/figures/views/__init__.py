"""Pages of figures; routes.py holds the blueprint."""
