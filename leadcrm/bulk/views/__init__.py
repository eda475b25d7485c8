"""Choosing, confirming, watching and undoing a batch."""
