"""Asking for an export, watching it, and taking it away."""
