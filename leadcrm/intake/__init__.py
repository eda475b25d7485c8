"""Leads that arrive by themselves, and the quarantine where nothing is lost."""
