"""Companies, users, roles and grants; signing in with a second factor, sessions, failed logins.

Not here: the screens to manage users (admin), passkeys, recovery codes and address lists (next).
"""
