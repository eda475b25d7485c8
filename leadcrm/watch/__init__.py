"""Failed logins, watched: grouped into incidents by rules, told to managers and admins, and reviewed by somebody named.

Not: the recording of failed logins and the limits on attempts, which belong to auth.
"""
