"""Pages of watch; routes.py holds the blueprint, the other modules one page each."""
