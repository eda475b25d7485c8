"""Pipelines, their steps and rules, and the board on which leads are moved."""
