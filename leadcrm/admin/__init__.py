"""Screens for who runs the place: users and their rights, companies, failed logins.

What is done there stands in auth's services; the security annex, settings and the audit trail come next.
"""
