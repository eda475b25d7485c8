"""Pages of the annex. Start at routes.py."""
