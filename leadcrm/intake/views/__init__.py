"""Addresses of intake."""
