"""What can be done with fields of a company's own, and with their values."""
