"""Examines a running instance: what a careful administrator would look at, and what to do about each finding."""
