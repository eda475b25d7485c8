"""Choosing what stands in a summary, and the summary."""
