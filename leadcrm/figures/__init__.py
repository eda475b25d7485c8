"""What the pipeline looks like in numbers and charts."""
