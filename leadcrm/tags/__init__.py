"""Tags: words of a company's own, put on leads."""
