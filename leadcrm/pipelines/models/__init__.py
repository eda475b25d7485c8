"""Pipelines with their steps and reasons, and how leads went through them."""
