"""Which documents a lead needs, what is missing, and reminders. Not keeping documents, nor asking a client."""
