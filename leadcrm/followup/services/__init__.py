"""Calling, planning, reminding."""
