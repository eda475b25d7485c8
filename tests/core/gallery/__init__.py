"""Every macro, page and error with made-up data: to look at, and for the automatic checks in test_gallery.py.

`python -m tests.core.gallery` serves it on http://localhost:5600/ (no database, no sign-in, not part of the product).
"""
