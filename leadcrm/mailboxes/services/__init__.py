"""What can be done with a company's mail account."""
