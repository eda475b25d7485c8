"""What can be done here; nothing of this knows of HTTP."""
