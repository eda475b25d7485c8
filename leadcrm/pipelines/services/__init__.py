"""What can be done with pipelines, and with leads in them."""
