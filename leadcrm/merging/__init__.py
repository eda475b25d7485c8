"""Duplicates of a lead: warned of, compared, merged into one and taken apart again."""
