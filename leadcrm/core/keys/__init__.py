"""Where the keys come from: files, what wraps a company's key, its row in the database, and their rotation.

crypto.py seals and opens and knows nothing of this folder but files.py; opening.py puts the two together.
"""
