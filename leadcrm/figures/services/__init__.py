"""Periods, chances, adding up, and keeping what was added up."""
