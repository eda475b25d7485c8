"""Calls, tasks, appointments, and the address of somebody's calendar feed."""
