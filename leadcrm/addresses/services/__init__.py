"""What can be done: reading ranges as people type them, and keeping the lists."""
