"""Lists of leads as files to take away."""
