"""The audit trail, shown, anchored outside the database, exported and verified.

Not: the writing of the trail, which is core's (core/audit.py). verify.py is a program of its own and imports nothing
of the application, so that somebody else can run it.
"""
