"""One action for many leads, as a job with progress, results and undo."""
