"""The page of the company's mail account."""
