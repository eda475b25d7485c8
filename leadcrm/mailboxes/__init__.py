"""A company's own account for outgoing mail. Not reading mail, and not the platform's server: that is configuration."""
