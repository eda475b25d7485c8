"""Comparing two leads, making one of them, and taking that apart again."""
