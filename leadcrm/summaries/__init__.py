"""A lead on paper: a summary to print, to take along or to put in a file."""
