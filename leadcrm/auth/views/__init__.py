"""Pages of auth; routes.py holds the blueprint, the other modules one page each."""
