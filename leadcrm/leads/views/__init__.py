"""Pages of leads; routes.py holds the blueprint, the other modules one page each."""
