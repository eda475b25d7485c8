"""Selects of searching; nothing here narrows by viewer: scope does."""
