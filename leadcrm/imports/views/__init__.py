"""Pages of an import; routes.py holds the blueprint."""
