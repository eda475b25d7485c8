"""Selects of the import pages and of its jobs; the scope narrows them."""
