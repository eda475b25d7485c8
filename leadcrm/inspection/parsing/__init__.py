"""Readers of untrusted files. A process of its own runs them (services/examining.py); they know nothing of leadcrm."""
