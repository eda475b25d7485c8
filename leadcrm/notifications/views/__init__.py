"""Routes of the notifications plugin."""
