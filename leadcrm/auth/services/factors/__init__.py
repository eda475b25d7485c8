"""Second factors beside the app with codes (second_factor.py): passkeys, recovery codes, and proving oneself again."""
