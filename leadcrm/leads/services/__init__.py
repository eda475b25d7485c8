"""What can be done with leads. Knows nothing of HTTP."""
