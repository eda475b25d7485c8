"""Routes of the searching plugin."""
